// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes one command a line on standard input and answers each with one line of JSON, {@code {"ok":..}}. Ends when its
 * input ends.
 *
 * <pre>
 * listen KIND ENDPOINT...            KIND is rendr, tcp or one that was added; answers with the real endpoints
 * dial KIND PATH...                  answers with the number of the flow
 * quit                               end all connections
 * accept                             waits for a flow of the port opened last; answers with its number
 * bulk FLOW BYTES CHUNK              send so much, for ever if 0, as fast as it goes
 * trickle FLOW SIZE MICROS           send a message each interval
 * once FLOW SIZE                     send one message
 * pause FLOW                         send no more for now
 * finish FLOW now|all                end the output, at once or after all of a bulk; answers with bytes and SHA-256
 * ended FLOW SECONDS                 wait for the end of the input; answers with bytes and SHA-256
 * progress FLOW                      bytes so far
 * close FLOW PREFIX                  end it, and write PREFIX-read.csv and PREFIX-written.csv
 * stats FLOW | events FLOW | migrate FLOW PATH | add FLOW URI | remove FLOW PATH      only of kind rendr
 * </pre>
 */
public final class Agent {
    private final Map<String, Wire.Kind> kinds = new HashMap<>();
    private final Map<Integer, Flow> flows = new HashMap<>();
    private final Map<String, Supplier<Wire.Kind>> known = new HashMap<>();
    private Wire.@Nullable Port port;
    private int lastFlow;

    /**
     * Knows the kinds rendr and tcp.
     *
     * @param more other kinds, by name
     */
    public Agent(Map<String, Supplier<Wire.Kind>> more) {
        known.put("rendr", RendrWire.Rendrs::new);
        known.put("tcp", SocketWire.Sockets::new);
        known.putAll(more);
    }

    /**
     * Runs until standard input ends.
     *
     * @param args none
     * @throws IOException if standard input cannot be read
     */
    public static void main(String[] args) throws IOException {
        new Agent(Map.of()).run(System.in, System.out);
        System.exit(0); // whatever still lives ends with whoever gave the commands
    }

    /**
     * Answers until there are no more commands.
     *
     * @param commands a command a line
     * @param answers gets a line for each
     * @throws IOException if the commands cannot be read
     */
    public void run(InputStream commands, PrintStream answers) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(commands, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            answers.println(answer(line.trim()));
        }
    }

    /**
     * Does what one command says.
     *
     * @param line the command
     * @return a line of JSON
     * @throws IOException if the answer cannot be put into JSON
     */
    public String answer(String line) throws IOException {
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            List<String> words = Arrays.asList(line.split(" +"));
            answer.putAll(execute(words.get(0), words.subList(1, words.size())));
            answer.put("ok", true);
        } catch (Exception e) { // each is an answer, and the one who asked judges it
            answer.put("ok", false);
            answer.put("error", e.toString());
        }
        return JSON.std.asString(answer);
    }

    private Map<String, Object> execute(String command, List<String> words) throws Exception {
        switch (command) {
            case "listen":
                if (port != null) {
                    port.close();
                }
                port = kind(words.get(0)).listen(words.subList(1, words.size()));
                return Map.of("endpoints", port.endpoints());
            case "dial":
                return Map.of("flow", flow(kind(words.get(0)).dial(words.subList(1, words.size()))));
            case "quit":
                if (port != null) {
                    port.close();
                }
                kinds.values().forEach(Wire.Kind::close);
                return Map.of();
            case "accept":
                if (port == null) {
                    throw new IllegalStateException("nothing was listened on");
                }
                return Map.of("flow", flow(port.accept()));
            default:
                return of(command, Integer.parseInt(words.get(0)), words.subList(1, words.size()));
        }
    }

    private Wire.Kind kind(String name) {
        Supplier<Wire.Kind> made = known.get(name);
        if (made == null) {
            throw new IllegalArgumentException("there is no kind " + name + "; there are " + known.keySet());
        }
        return kinds.computeIfAbsent(name, n -> made.get());
    }

    private int flow(Wire wire) {
        flows.put(++lastFlow, new Flow(wire, lastFlow));
        return lastFlow;
    }

    private Map<String, Object> of(String command, int number, List<String> words) throws Exception {
        Flow flow = flows.get(number);
        if (flow == null) {
            throw new IllegalArgumentException("there is no flow " + number);
        }
        switch (command) {
            case "bulk" -> flow.bulk(Long.parseLong(words.get(0)), Integer.parseInt(words.get(1)));
            case "trickle" ->
                flow.trickle(Integer.parseInt(words.get(0)), Duration.ofNanos(1000 * Long.parseLong(words.get(1))));
            case "once" -> flow.once(Integer.parseInt(words.get(0)));
            case "pause" -> flow.pause();
            case "finish" -> {
                return flow.finish(words.get(0).equals("now"));
            }
            case "ended" -> {
                return flow.ended(Duration.ofSeconds(Long.parseLong(words.get(0))));
            }
            case "progress" -> {
                return flow.progress();
            }
            case "close" -> {
                flow.close(words.get(0));
                flows.remove(number);
            }
            default -> {
                return ofOurs(command, (RendrWire) flow.wire(), words);
            }
        }
        return Map.of();
    }

    private static Map<String, Object> ofOurs(String command, RendrWire wire, List<String> words) throws IOException {
        switch (command) {
            case "stats" -> {
                return wire.stats();
            }
            case "events" -> {
                return Map.of("events", new ArrayList<>(wire.events()));
            }
            case "migrate" -> wire.migrate(words.get(0));
            case "add" -> {
                return Map.of("path", wire.addPath(words.get(0)));
            }
            case "remove" -> wire.removePath(words.get(0));
            default -> throw new IllegalArgumentException("there is no command " + command);
        }
        return Map.of();
    }
}
