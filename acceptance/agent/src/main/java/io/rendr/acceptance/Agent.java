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
 * listen KIND ENDPOINT...            KIND is of the constructor, or was added; answers with the real endpoints
 * dial KIND PATH...                  answers with the number of the flow
 * quit                               end all connections
 * accept                             waits for a flow of the port opened last; answers with its number
 * bulk FLOW BYTES CHUNK              send so much, for ever if 0, as fast as it goes
 * send FLOW RATE COUNT               send packets of 1 KiB, so many a second, as fast as they are taken if 0; for ever if 0
 * trickle FLOW SIZE MICROS           send a message each interval
 * once FLOW SIZE                     send one message
 * pause FLOW                         send no more for now
 * finish FLOW now|all                end the output, at once or after all of a bulk; answers with bytes and SHA-256
 * ended FLOW SECONDS                 wait for the end of the input; answers with bytes and SHA-256
 * progress FLOW                      bytes, or packets, so far
 * close FLOW PREFIX                  end it, and of bytes write PREFIX-read.csv and PREFIX-written.csv
 * stats FLOW | events FLOW | migrate FLOW PATH | add FLOW URI | remove FLOW PATH      only of ours
 * network FLOW                       tell the runtime that the network changed
 * </pre>
 */
public final class Agent {
    private final Map<String, Wire.Kind> kinds = new HashMap<>();
    private final Map<Integer, Flow> flows = new HashMap<>();
    private final Map<String, Supplier<Wire.Kind>> known = new HashMap<>();
    private final Map<String, Wire.Port> ports = new HashMap<>();
    private Wire.@Nullable Port port;
    private int lastFlow;

    /**
     * Knows the kinds rendr, repaired, best-effort (packets of ours), tcp and quic-datagrams (of plain Netty).
     *
     * @param more other kinds, by name
     */
    public Agent(Map<String, Supplier<Wire.Kind>> more) {
        known.put("rendr", () -> new Rendrs(Rendrs.Carry.STREAM));
        known.put("repaired", () -> new Rendrs(Rendrs.Carry.REPAIRED_PACKETS));
        known.put("best-effort", () -> new Rendrs(Rendrs.Carry.BEST_EFFORT_PACKETS));
        known.put("quic-datagrams", QuicDatagrams::new);
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
        new Agent(Map.of()).serve();
    }

    /**
     * Answers on standard output until standard input ends, and then ends the JVM: whatever still lives ends with whoever gave
     * the commands.
     *
     * @throws IOException if standard input cannot be read
     */
    public void serve() throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // nobody else writes among the answers
        run(System.in, answers);
        System.exit(0);
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
                Wire.Kind kind = kind(words.get(0));
                Wire.Port before = ports.remove(words.get(0));
                if (before != null) {
                    before.close();
                }
                port = kind.listen(words.subList(1, words.size()));
                ports.put(words.get(0), port);
                return Map.of("endpoints", port.endpoints());
            case "dial":
                return Map.of("flow", flow(kind(words.get(0)).dial(words.subList(1, words.size()))));
            case "quit":
                ports.values().forEach(Wire.Port::close);
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
        lastFlow++;
        Flow flow =
                wire instanceof PacketWire packets ? new PacketFlow(packets, lastFlow) : new StreamFlow(wire, lastFlow);
        flows.put(lastFlow, flow.begin());
        return lastFlow;
    }

    private Map<String, Object> of(String command, int number, List<String> words) throws Exception {
        Flow flow = flows.get(number);
        if (flow == null) {
            throw new IllegalArgumentException("there is no flow " + number);
        }
        switch (command) {
            case "send" -> ((PacketFlow) flow).send(Double.parseDouble(words.get(0)), Long.parseLong(words.get(1)));
            case "forget-gap" -> ((PacketFlow) flow).forgetGap();
            case "bulk" -> ((StreamFlow) flow).bulk(Long.parseLong(words.get(0)), Integer.parseInt(words.get(1)));
            case "trickle" ->
                ((StreamFlow) flow)
                        .trickle(Integer.parseInt(words.get(0)), Duration.ofNanos(1000 * Long.parseLong(words.get(1))));
            case "once" -> ((StreamFlow) flow).once(Integer.parseInt(words.get(0)));
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
                return ofOurs(command, ((Steered) flow.wire()).steering(), words);
            }
        }
        return Map.of();
    }

    private static Map<String, Object> ofOurs(String command, Steering steering, List<String> words)
            throws IOException {
        switch (command) {
            case "stats" -> {
                return steering.stats();
            }
            case "events" -> {
                return Map.of("events", new ArrayList<>(steering.events()));
            }
            case "network" -> steering.networkChanged();
            case "migrate" -> steering.migrate(words.get(0));
            case "add" -> {
                return Map.of("path", steering.addPath(words.get(0)));
            }
            case "remove" -> steering.removePath(words.get(0));
            default -> throw new IllegalArgumentException("there is no command " + command);
        }
        return Map.of();
    }
}
