// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PreSharedKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rendr keygen}. */
@Command(
        name = "keygen",
        description = "Makes a key for --psk-file: a line 'id base64' with 32 random bytes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Copy the file to the other end. A file may hold several keys, a line each: an accepting end takes any of them,"
                    + " a dialing end uses the first. So keys are changed without a stop: add the new one at the accepting"
                    + " ends, put it first at the dialing ends, then remove the old one."
        })
final class KeygenCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--id",
            paramLabel = "NAME",
            defaultValue = "rendr",
            description = "Name of the key; travels in the clear. Default: ${DEFAULT-VALUE}.")
    private String id;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "New file to write, readable for its owner only. Default: standard output.")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        byte[] key = new byte[PreSharedKey.MIN_BYTES];
        new SecureRandom().nextBytes(key);
        try {
            new PreSharedKey(id, key);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--id: " + e.getMessage(), e);
        }
        String line = KeyFile.line(id, key);
        if (out == null) {
            spec.commandLine().getOut().println(line);
        } else {
            KeyFile.write(out, line);
            spec.commandLine().getOut().println("wrote key '" + id + "' to " + out);
        }
        return 0;
    }
}
