// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.CommonOptions;
import io.rendr.OptionKey;
import io.rendr.Rendr;
import io.rendr.Transport;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rendr transports}. */
@Command(
        name = "transports",
        description = "Lists the transports that paths can name, why one cannot be used, and the options of each.",
        mixinStandardHelpOptions = true)
final class TransportsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try (Rendr rendr = Rendr.create()) {
            print(rendr.transports());
        }
        return 0;
    }

    void print(List<Transport> transports) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.line(
                    "transports",
                    true,
                    Map.of(
                            "transports",
                            transports.stream().map(TransportsCommand::figures).toList())));
            return;
        }
        if (transports.isEmpty()) {
            out.println("No transport was found: add the jar of one, such as transport-tcp, to the class path.");
            return;
        }
        Table table = new Table("TRANSPORT", "STATE", "CAPABILITIES", "CLASS");
        for (Transport one : transports) {
            table.row(
                    one.transport(),
                    one.unavailable().map(reason -> "unavailable: " + reason).orElse("available"),
                    String.join(" ", new TreeSet<>(one.capabilities())),
                    one.getClass().getName());
        }
        table.lines().forEach(out::println);
        for (Transport one : transports) {
            if (!one.options().isEmpty()) {
                printOptions("Options of " + one.transport(), one.options());
            }
        }
        printOptions("Options of every transport", CommonOptions.ALL);
    }

    private void printOptions(String title, List<OptionKey<?>> keys) {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        Table table = new Table(title, "TYPE", "DEFAULT", "");
        keys.forEach(key -> table.row("  " + key.name(), key.type(), defaultText(key), key.help()));
        table.lines().forEach(out::println);
    }

    private static <T> String defaultText(OptionKey<T> key) {
        return key.defaultValue().map(key::format).orElse("-");
    }

    private static Map<String, Object> figures(Transport one) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("transport", one.transport());
        figures.put("available", one.unavailable().isEmpty());
        one.unavailable().ifPresent(reason -> figures.put("reason", reason));
        figures.put("capabilities", List.copyOf(new TreeSet<>(one.capabilities())));
        figures.put("class", one.getClass().getName());
        figures.put("options", one.options().stream().map(OptionKey::name).toList());
        return figures;
    }
}
