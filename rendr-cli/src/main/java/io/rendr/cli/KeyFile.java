// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PreSharedKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * A file of pre-shared keys: a line {@code id base64} for each, {@code #} starts a comment. An accepting end takes any of
 * them, a dialing end uses the first: to change keys, add the new one at the accepting ends, then put it first at the
 * dialing ends, then remove the old one.
 */
final class KeyFile {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private KeyFile() {}

    /** One line of a file. */
    static String line(String id, byte[] key) {
        return id + " " + Base64.getEncoder().encodeToString(key);
    }

    static List<PreSharedKey> read(Path file) throws IOException {
        checkPermissions(file);
        List<PreSharedKey> keys = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                keys.add(parse(text, file + ", line " + number));
            }
        }
        if (keys.isEmpty()) {
            throw new CommandFailedException(file + " has no key; make one with: rendr keygen --out FILE");
        }
        return keys;
    }

    private static PreSharedKey parse(String text, String where) {
        String[] parts = text.split("\\s+");
        if (parts.length != 2) {
            throw new CommandFailedException(where + ": a line is 'id base64', and this one has " + parts.length
                    + (parts.length == 1 ? " word" : " words") + "; make one with: rendr keygen");
        }
        byte[] key;
        try {
            key = Base64.getDecoder().decode(parts[1]);
        } catch (IllegalArgumentException e) {
            // The decoder's message may quote a character of the key.
            throw new CommandFailedException(where + ": the key '" + parts[0] + "' is not base64");
        }
        try {
            return new PreSharedKey(parts[0], key);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(where + ": " + e.getMessage());
        }
    }

    private static void checkPermissions(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file + ": there is no such file; make one with: rendr keygen --out " + file);
        }
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return; // a file system without such permissions
        }
        Set<PosixFilePermission> granted = view.readAttributes().permissions();
        if (granted.stream().anyMatch(OTHERS::contains)) {
            throw new CommandFailedException("others than its owner can use " + file + " ("
                    + PosixFilePermissions.toString(granted) + "), so its keys are no secret; run: chmod 600 " + file
                    + ", and make new keys if somebody may have read it");
        }
    }

    /** Writes a new file that its owner alone can read. */
    static void write(Path file, String line) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        try (var out = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            out.write(StandardCharsets.US_ASCII.encode(line + System.lineSeparator()));
        } catch (FileAlreadyExistsException e) {
            throw new FileAlreadyExistsException(file
                    + ": there is such a file, and it is not overwritten; to add a key to it run: rendr keygen --id"
                    + " NEW-NAME >> " + file);
        }
    }
}
