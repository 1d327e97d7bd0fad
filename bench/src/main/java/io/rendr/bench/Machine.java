// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import com.sun.management.OperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What this process and the machine have used so far. */
final class Machine {
    /** The unit of /proc/stat: USER_HZ, which is 100 on every Linux that Java runs on. */
    private static final long TICK_NANOS = 10_000_000;

    private static final OperatingSystemMXBean OS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private Machine() {}

    /** CPU time of this process, all threads, in nanoseconds. */
    static long cpuNanos() {
        return OS.getProcessCpuTime();
    }

    /** CPU time of everything on this machine, in nanoseconds; -1 where that cannot be known. */
    static long busyNanos() {
        try {
            String[] fields =
                    Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+");
            long ticks = 0;
            for (int i = 1; i < Math.min(9, fields.length); i++) {
                boolean idle = i == 4 || i == 5;
                ticks += idle ? 0 : Long.parseLong(fields[i]);
            }
            return ticks * TICK_NANOS;
        } catch (IOException e) {
            return -1;
        }
    }

    /**
     * Cores that others used meanwhile; NaN where that cannot be known.
     *
     * @param busy {@link #busyNanos} at the beginning
     * @param own {@link #cpuNanos} at the beginning
     * @param began {@link System#nanoTime} at the beginning
     */
    static double foreignCores(long busy, long own, long began) {
        return foreignCores(busy, cpuNanos() - own, (double) (System.nanoTime() - began));
    }

    /** As above, of {@code used} nanoseconds of CPU in {@code span} nanoseconds. */
    static double foreignCores(long busy, long used, double span) {
        return busy < 0 ? Double.NaN : Math.max(0, (busyNanos() - busy - used) / span);
    }

    /** Bytes of the heap that are reachable: collects first, until that changes little. */
    static long heapBytes() {
        long before = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            System.gc();
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            if (before - now < 64 * 1024) {
                return Math.min(before, now);
            }
            before = now;
        }
        return before;
    }

    /** Bytes of direct buffers, those of the JDK and those of Netty. */
    static long directBytes() {
        long bytes = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            bytes += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
        }
        return bytes + Math.max(0, PlatformDependent.usedDirectMemory());
    }

    /** What the figures were taken on. */
    static Map<String, Object> description() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        map.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        map.put("processors", Runtime.getRuntime().availableProcessors());
        map.put("cpu", cpuModel());
        return map;
    }

    private static String cpuModel() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
