// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import com.sun.management.ThreadMXBean;
import io.rendr.Acceptor;
import io.rendr.FlowAbortedException;
import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Heap bytes that are allocated for a frame of a bulk transfer, both ends in one JVM, by the JVM's own count of every
 * thread. What the event loops allocate is judged; the application's threads are shown beside.
 */
@Command(
        name = "alloc",
        description = "Heap bytes allocated per frame, unsealed and sealed, in steady state.",
        mixinStandardHelpOptions = true)
final class Alloc implements Callable<Integer> {
    /** The largest payload of a frame: a transfer has at least one frame for so many bytes. */
    private static final int FRAME = 65_527;

    private static final double MOST = 1;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Mixin
    private Output output;

    @Option(names = "--seconds", description = "Length of a run (default: ${DEFAULT-VALUE}).")
    private double seconds = 4;

    @Option(names = "--warm-up", description = "What goes before each run (default: ${DEFAULT-VALUE}).")
    private double warmUp = 10;

    private final AtomicLong received = new AtomicLong();

    private record Allocated(long frames, double loops, double application, double foreign) {
        double perFrame() {
            return loops / frames;
        }
    }

    private record Count(long loops, long application) {
        /** What all threads have allocated, those of the loops apart. */
        static Count now() {
            long loops = 0;
            long application = 0;
            for (long id : THREADS.getAllThreadIds()) {
                ThreadInfo thread = THREADS.getThreadInfo(id);
                long bytes = Math.max(0, THREADS.getThreadAllocatedBytes(id));
                if (thread != null && thread.getThreadName().contains("-io-")) {
                    loops += bytes;
                } else if (thread != null
                        && (thread.getThreadName().equals("writer")
                                || thread.getThreadName().contains("-worker-"))) {
                    application += bytes;
                }
            }
            return new Count(loops, application);
        }
    }

    @Override
    public Integer call() throws Exception {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("machine", Machine.description());
        Allocated unsealed = run(Protection.NONE);
        Allocated sealed = run(Protection.SEALED);
        output.line(
                "%-9s %10s %22s %28s %15s",
                "", "frames", "loops, bytes/frame", "application, bytes/frame", "foreign cores");
        tell("unsealed", unsealed, figures);
        tell("sealed", sealed, figures);
        output.line("unsealed, loops: less than %.0f", MOST);
        return output.end("alloc", unsealed.perFrame() < MOST, figures);
    }

    private void tell(String name, Allocated a, Map<String, Object> figures) {
        output.line(
                "%-9s %10d %22.2f %28.2f %15.2f", name, a.frames, a.perFrame(), a.application / a.frames, a.foreign);
        figures.put(
                name,
                Map.of(
                        "frames",
                        a.frames,
                        "bytesPerFrame",
                        a.perFrame(),
                        "applicationBytesPerFrame",
                        a.application / a.frames,
                        "foreignCores",
                        a.foreign));
    }

    private Allocated run(Protection protection) throws Exception {
        try (Rendr far = Rendr.create();
                Rendr near = Rendr.create();
                Acceptor acceptor = far.listen(b ->
                        b.endpoint("tcp://127.0.0.1:0").protection(protection).onStream(this::count))) {
            Bulk.Writer writer = new Bulk.Writer(
                    near, acceptor.endpoints().get(0).socketAddress().getPort(), protection);
            try {
                output.progress("%s: warming up for %.0f s", protection, warmUp);
                Thread.sleep((long) (warmUp * 1e3));
                long busy = Machine.busyNanos();
                long own = Machine.cpuNanos();
                long began = System.nanoTime();
                Count before = Count.now();
                long bytes = received.get();
                Thread.sleep((long) (seconds * 1e3));
                bytes = received.get() - bytes;
                Count after = Count.now();
                return new Allocated(
                        Math.max(1, bytes / FRAME),
                        after.loops - before.loops,
                        after.application - before.application,
                        Machine.foreignCores(busy, own, began));
            } finally {
                writer.close();
            }
        }
    }

    private void count(StreamConn conn) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Loops.WRITE);
        try {
            int n;
            while ((n = conn.read(buffer.clear())) > 0) {
                received.getAndAdd(n);
            }
        } catch (FlowAbortedException e) {
            conn.close(); // the writer has written enough
        }
    }
}
