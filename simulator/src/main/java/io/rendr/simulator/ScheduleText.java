// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Schedules as text: a line for each record, {@code kind name=value name=value}. A record in a record writes its
 * components with its own name and a dot before them; {@code #} begins a comment.
 */
final class ScheduleText {
    private ScheduleText() {}

    /** What schedules did not say that were written before there was anything but this. */
    private static final Map<String, String> DEFAULTS = Map.of("shape", "0");

    static String write(Schedule schedule) {
        StringBuilder out = new StringBuilder();
        line(out, "world", schedule.world());
        schedule.links().forEach(link -> line(out, "link", link));
        schedule.flows().forEach(flow -> line(out, "flow", flow));
        schedule.faults().forEach(fault -> line(out, "fault", fault));
        schedule.moves().forEach(move -> line(out, "move", move));
        return out.toString();
    }

    private static void line(StringBuilder out, String kind, Record record) {
        out.append(kind);
        fields(out, "", record);
        out.append('\n');
    }

    private static void fields(StringBuilder out, String prefix, Record record) {
        for (RecordComponent part : record.getClass().getRecordComponents()) {
            Object value = get(part, record);
            if (value instanceof Record nested) {
                fields(out, prefix + part.getName() + ".", nested);
            } else if (value instanceof List<?> list) {
                String joined = list.stream().map(String::valueOf).collect(Collectors.joining(","));
                out.append(' ')
                        .append(prefix)
                        .append(part.getName())
                        .append('=')
                        .append(joined);
            } else {
                out.append(' ')
                        .append(prefix)
                        .append(part.getName())
                        .append('=')
                        .append(value);
            }
        }
    }

    private static Object get(RecordComponent part, Record record) {
        try {
            return part.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + part, e);
        }
    }

    /**
     * @throws IllegalArgumentException if a line cannot be read; names it
     */
    static Schedule read(String text) {
        List<Schedule.World> worlds = new ArrayList<>();
        List<Schedule.LinkPlan> links = new ArrayList<>();
        List<Schedule.FlowPlan> flows = new ArrayList<>();
        List<Schedule.Fault> faults = new ArrayList<>();
        List<Schedule.Move> moves = new ArrayList<>();
        for (String raw : text.lines().toList()) {
            String line = raw.contains("#") ? raw.substring(0, raw.indexOf('#')) : raw;
            if (line.isBlank()) {
                continue;
            }
            String[] words = line.trim().split("\\s+");
            Map<String, String> values = new HashMap<>();
            for (String word : Arrays.asList(words).subList(1, words.length)) {
                int equals = word.indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException("'" + word + "' is not of the form name=value, in: " + line);
                }
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
            switch (words[0]) {
                case "world" -> worlds.add(record(Schedule.World.class, "", values, line));
                case "link" -> links.add(record(Schedule.LinkPlan.class, "", values, line));
                case "flow" -> flows.add(record(Schedule.FlowPlan.class, "", values, line));
                case "fault" -> faults.add(record(Schedule.Fault.class, "", values, line));
                case "move" -> moves.add(record(Schedule.Move.class, "", values, line));
                default ->
                    throw new IllegalArgumentException(
                            "'" + words[0] + "' is none of world, link, flow, fault and move, in: " + line);
            }
        }
        if (worlds.size() != 1) {
            throw new IllegalArgumentException("a schedule has one line 'world', this one has " + worlds.size());
        }
        return new Schedule(worlds.get(0), links, flows, faults, moves);
    }

    private static <T extends Record> T record(Class<T> type, String prefix, Map<String, String> values, String line) {
        RecordComponent[] parts = type.getRecordComponents();
        Class<?>[] types = new Class<?>[parts.length];
        Object[] args = new Object[parts.length];
        for (int i = 0; i < parts.length; i++) {
            types[i] = parts[i].getType();
            String name = prefix + parts[i].getName();
            if (types[i].isRecord()) {
                args[i] = record(types[i].asSubclass(Record.class), name + ".", values, line);
                continue;
            }
            String value = values.getOrDefault(name, DEFAULTS.get(name));
            if (value == null) {
                throw new IllegalArgumentException("'" + name + "' is missing in: " + line);
            }
            args[i] = value(types[i], value);
        }
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(args);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot read: " + line, e);
        }
    }

    private static Object value(Class<?> type, String text) {
        if (type == int.class) {
            return Integer.parseInt(text);
        }
        if (type == long.class) {
            return Long.parseLong(text);
        }
        if (type == boolean.class) {
            return Boolean.parseBoolean(text);
        }
        if (type == List.class) {
            return text.isEmpty()
                    ? List.of()
                    : Arrays.stream(text.split(",")).map(Integer::valueOf).toList();
        }
        for (Object constant : type.getEnumConstants()) {
            if (constant.toString().equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is none of " + Arrays.toString(type.getEnumConstants()));
    }
}
