// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The near end's hold of {@link Far}: starts it like this JVM was started, asks it, ends it. */
final class FarProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;
    private final Map<String, Long> ports;

    FarProcess() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-javaagent")
                    && !option.startsWith("-agentlib")
                    && !option.startsWith("-XX:Start")) {
                command.add(option);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Far.class.getName()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        questions = process.outputWriter(StandardCharsets.UTF_8);
        ports = answer();
    }

    /**
     * The port of a service: raw, tls, unsealed, sealed, idle, blocking, netty (datagrams), packets; quic-raw, quic-rendr,
     * quic-raw-datagram and quic-rendr-datagram once they were asked for.
     *
     * @throws IllegalStateException if it is not there: raw and tls need epoll
     */
    int port(String service) {
        Long port = ports.get(service);
        if (port == null) {
            throw new IllegalStateException("the far end has no " + service + "; without epoll there is none");
        }
        return port.intValue();
    }

    /**
     * Has it serve over QUIC from now on.
     *
     * @param certificate a file that gets what the services show
     */
    void serveQuic(Path certificate) throws IOException {
        ports.putAll(ask(Far.QUIC + certificate));
    }

    Map<String, Long> ask(String question) throws IOException {
        questions.write(question + "\n");
        questions.flush();
        return answer();
    }

    private Map<String, Long> answer() throws IOException {
        String line = answers.readLine();
        while (line != null && !line.startsWith(Far.ANSWER)) {
            line = answers.readLine();
        }
        if (line == null) {
            throw new IOException("the JVM of the far end is gone; what it said is above");
        }
        Map<String, Long> map = new HashMap<>();
        for (String pair : line.substring(Far.ANSWER.length()).split(" ")) {
            int at = pair.indexOf('=');
            map.put(pair.substring(0, at), Long.parseLong(pair.substring(at + 1)));
        }
        return map;
    }

    @Override
    public void close() throws IOException {
        questions.close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
