// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails a test that leaves something behind. As a JUnit extension ({@code @ExtendWith(LeakGuard.class)}) it compares threads and descriptors around
 * each test method, and asks Netty for leaked buffers when the class is done, as that costs a garbage collection.
 *
 * <p>Threads count all alike, daemon or not, but for those that belong to the process. Descriptors are sockets, pipes, event files and selectors, read
 * from {@code /proc/self/fd}; where there is no such directory they are not checked. Buffers are those that Netty's leak detector saw die without a
 * release: run with {@code -Dio.netty.leakDetection.level=paranoid}, or it sees one in a hundred. What a test starts it must have closed by the end of
 * its {@code @AfterEach}; tests of one JVM must not run in parallel.
 */
public final class LeakGuard implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final Namespace NAMESPACE = Namespace.create(LeakGuard.class);
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final List<String> OF_THE_PROCESS = List.of(
            "Attach Listener",
            "Cleaner-",
            "Common-Cleaner",
            "CompletableFutureDelayScheduler",
            "ForkJoinPool.commonPool",
            "InnocuousThread",
            "VirtualThread-unblocker",
            "VirtualThread-unparker",
            "globalEventExecutor",
            "junit-",
            "process reaper",
            "surefire-");

    static {
        // With its first socket the JDK opens one for itself, which it keeps: not a thing that the first test left.
        try (ServerSocket first = new ServerSocket()) {
            first.bind(null);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What was there at one moment. */
    public static final class Snapshot {
        private final Set<Thread> threads =
                new HashSet<>(Thread.getAllStackTraces().keySet());
        private final Map<String, String> descriptors = descriptors();

        private Snapshot() {}

        /**
         * Waits, with a generous deadline, until every thread and descriptor that was not there is gone.
         *
         * @throws AssertionError naming what is left
         */
        public void assertNothingLeft() {
            Await.until(() -> "left behind: " + left(), () -> left().isEmpty());
        }

        List<String> left() {
            List<String> left = Thread.getAllStackTraces().entrySet().stream()
                    .filter(e -> !threads.contains(e.getKey()) && !ofTheProcess(e.getKey()))
                    .map(e -> "thread " + e.getKey().getName() + (e.getKey().isDaemon() ? " (daemon)" : "") + " at "
                            + List.of(e.getValue()).stream().limit(3).toList())
                    .collect(Collectors.toList());
            Map<String, String> now = descriptors();
            now.values().removeAll(descriptors.values());
            now.forEach((number, what) -> left.add("descriptor " + number + " " + what));
            return left;
        }
    }

    /** Remembers what is there. */
    public static Snapshot snapshot() {
        return new Snapshot();
    }

    /**
     * Runs the garbage collector and fails if Netty's leak detector reports a buffer that was collected without having been released.
     *
     * @throws AssertionError with every report
     */
    public static void assertNoBufferLeaked() {
        Leaks.assertNone();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Leaks.assertNone(); // whoever ran before is named by the records, not blamed on this class
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put(context.getUniqueId(), snapshot());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Snapshot before = context.getStore(NAMESPACE).remove(context.getUniqueId(), Snapshot.class);
        if (before != null) {
            before.assertNothingLeft();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Leaks.assertNone();
    }

    private static boolean ofTheProcess(Thread thread) {
        ThreadGroup group = thread.getThreadGroup(); // asked once: it is null as soon as the thread has ended
        return OF_THE_PROCESS.stream().anyMatch(thread.getName()::startsWith)
                || thread.getClass().getName().equals("jdk.internal.misc.CarrierThread") // runs virtual threads
                || group == null
                || group.getName().equals("system");
    }

    private static Map<String, String> descriptors() {
        Map<String, String> found = new TreeMap<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path each : all) {
                try {
                    String target = Files.readSymbolicLink(each).toString();
                    if (!target.startsWith("/")) {
                        found.put(each.getFileName().toString(), target);
                    }
                } catch (NoSuchFileException e) {
                    // Closed since the directory was read.
                }
            }
        } catch (IOException e) {
            throw new AssertionError("cannot read " + DESCRIPTORS, e);
        }
        return found;
    }

    /** The reports of Netty's detector. */
    private static final class Leaks {
        private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();

        static {
            ByteBufUtil.setLeakListener((resourceType, records) -> REPORTS.add(resourceType + records));
        }

        static void assertNone() {
            collect();
            // A released buffer makes the detector look at what was collected.
            Unpooled.directBuffer(1).release();
            if (!REPORTS.isEmpty()) {
                String all = String.join("\n", REPORTS);
                REPORTS.clear();
                throw new AssertionError("Netty reports leaked buffers:\n" + all);
            }
        }

        /**
         * Returns when all garbage of this moment was found and its references were queued. The references of one collection are queued in no
         * particular order, but before those of the next one: hence two.
         */
        private static void collect() {
            for (int i = 0; i < 2; i++) {
                ReferenceQueue<Object> queue = new ReferenceQueue<>();
                WeakReference<Object> canary = new WeakReference<>(new Object(), queue);
                Await.until("a garbage collection", () -> {
                    System.gc();
                    return queue.poll() == canary;
                });
            }
        }

        private Leaks() {}
    }
}
