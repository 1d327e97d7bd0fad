// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.fuzz;

import com.sun.management.ThreadMXBean;
import io.rendr.engine.flow.AcceptanceTarget;
import io.rendr.engine.flow.DialingTarget;
import io.rendr.engine.flow.FlowTarget;
import io.rendr.engine.keys.Handshakes;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.RecordTarget;
import io.rendr.engine.wire.FrameTarget;
import io.rendr.engine.wire.MessageTarget;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** What the targets share. */
public final class Fuzzing {
    /**
     * A target as tests use it; {@code fuzz/run} knows it by its class.
     *
     * @param rounds what a build has time for
     */
    record Target(Class<?> type, Consumer<byte[]> body, List<byte[]> seeds, int rounds) {}

    /** Bytes on the heap that an input may cost whatever its length: a world to live in, and an exception. */
    private static final long SOME = 8 << 20;

    /** And for each of its bytes. */
    private static final long EACH = 4096;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Key agreement without its price, and so without its security. */
    public static final KeyAgreement CHEAP = new KeyAgreement() {
        @Override
        public byte[] publicKey(byte[] privateKey) {
            return privateKey.clone();
        }

        @Override
        public byte[] agree(byte[] privateKey, byte[] peerPublicKey) {
            byte[] both = Handshakes.count(1, 32);
            for (int i = 0; i < both.length; i++) {
                both[i] ^= (byte) (privateKey[i] ^ peerPublicKey[i]);
            }
            return both;
        }
    };

    private Fuzzing() {}

    static Map<String, Target> targets() {
        Map<String, Target> targets = new LinkedHashMap<>();
        targets.put(
                "frames", new Target(FrameTarget.class, FrameTarget::fuzzerTestOneInput, FrameTarget.seeds(), 3_000));
        targets.put(
                "messages",
                new Target(MessageTarget.class, MessageTarget::fuzzerTestOneInput, MessageTarget.seeds(), 3_000));
        targets.put(
                "records",
                new Target(RecordTarget.class, RecordTarget::fuzzerTestOneInput, RecordTarget.seeds(), 3_000));
        targets.put(
                "acceptor",
                new Target(
                        AcceptanceTarget.class, AcceptanceTarget::fuzzerTestOneInput, AcceptanceTarget.seeds(), 3_000));
        targets.put(
                "dialer",
                new Target(DialingTarget.class, DialingTarget::fuzzerTestOneInput, DialingTarget.seeds(), 3_000));
        targets.put("flow", new Target(FlowTarget.class, FlowTarget::fuzzerTestOneInput, FlowTarget.seeds(), 300));
        return targets;
    }

    /** Runs the body of a target and fails if it allocated more than its input can justify. */
    public static void bounded(byte[] input, Consumer<byte[]> body) {
        long most = SOME + EACH * input.length;
        // Once more, because a class that was loaded the first time costs as much as it likes.
        if (allocatedBy(input, body) > most) {
            long spent = allocatedBy(input, body);
            if (spent > most) {
                throw new AssertionError(input.length + " bytes of input made it allocate " + spent);
            }
        }
    }

    private static long allocatedBy(byte[] input, Consumer<byte[]> body) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        body.accept(input);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** The vectors of a golden file, by their names. */
    public static Map<String, byte[]> golden(String file) {
        Map<String, byte[]> vectors = new LinkedHashMap<>();
        InputStream in = Objects.requireNonNull(Fuzzing.class.getResourceAsStream("/golden/" + file), file);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" ");
                vectors.put(parts[0], HexFormat.of().parseHex(parts[1]));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vectors;
    }

    /** All of them in a row, one after the other. */
    public static byte[] joined(Iterable<byte[]> parts) {
        List<Byte> all = new ArrayList<>();
        for (byte[] part : parts) {
            for (byte b : part) {
                all.add(b);
            }
        }
        byte[] joined = new byte[all.size()];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = all.get(i);
        }
        return joined;
    }

    /** Writes the seeds of every target into a directory of its name, and prints a line {@code name class} for each. */
    public static void main(String[] args) throws IOException {
        for (Map.Entry<String, Target> target : targets().entrySet()) {
            Path dir = Files.createDirectories(Path.of(args[0], target.getKey()));
            int number = 0;
            for (byte[] seed : target.getValue().seeds()) {
                Files.write(dir.resolve("seed-" + number++), seed);
            }
            System.out.println(target.getKey() + " " + target.getValue().type().getName());
        }
    }
}
