// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.PreSharedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeygenTest {
    @TempDir
    Path dir;

    private Path fileOf(String text) throws IOException {
        Path file = dir.resolve("rendr.key");
        Files.deleteIfExists(file);
        KeyFile.write(file, text);
        return file;
    }

    @Test
    void whatItWritesIsReadAgain() throws IOException {
        Path file = dir.resolve("rendr.key");
        Cli made = Cli.run("keygen", "--id", "winter", "--out", file.toString());
        assertThat(made.status()).isZero();
        List<PreSharedKey> keys = KeyFile.read(file);
        assertThat(keys).extracting(PreSharedKey::id).containsExactly("winter");
        assertThat(keys.get(0).key()).hasSize(32).isNotEqualTo(new byte[32]);
        assertThat(made.out())
                .as("the key itself")
                .doesNotContain(Files.readString(file).split(" ")[1].strip());
    }

    @Test
    void onlyItsOwnerCanReadIt() throws IOException {
        Path file = dir.resolve("rendr.key");
        Cli.run("keygen", "--out", file.toString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void anExistingFileIsLeftAlone() throws IOException {
        Path file = fileOf("old");
        Cli made = Cli.run("keygen", "--out", file.toString());
        assertThat(made.status()).isEqualTo(1);
        assertThat(made.err()).contains("not overwritten", ">> " + file);
        assertThat(Files.readString(file)).isEqualTo("old" + System.lineSeparator());
    }

    @Test
    void twoCallsMakeTwoKeys() {
        assertThat(Cli.run("keygen").out())
                .startsWith("rendr ")
                .isNotEqualTo(Cli.run("keygen").out());
    }

    @Test
    void anIdThatDoesNotFitIsAWrongCall() {
        Cli wrong = Cli.run("keygen", "--id", "with:colon");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("--id", "without space and colon");
    }

    @Test
    void severalKeysKeepTheirOrder() throws IOException {
        byte[] key = new byte[32];
        key[0] = 1;
        Path file = fileOf("# for the change of keys\n" + KeyFile.line("new", key) + "\n\n" + KeyFile.line("old", key));
        assertThat(KeyFile.read(file)).extracting(PreSharedKey::id).containsExactly("new", "old");
    }

    @Test
    void aFileThatOthersReadIsRefused() throws IOException {
        for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----")) {
            Path file = fileOf(KeyFile.line("k", new byte[32]));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            assertThatThrownBy(() -> KeyFile.read(file))
                    .isInstanceOf(CommandFailedException.class)
                    .hasMessageContaining(mode)
                    .hasMessageContaining("chmod 600 " + file);
        }
    }

    @Test
    void aBadLineIsNamedWithoutItsSecret() throws IOException {
        Path notBase64 = fileOf("# keys\nk se(ret");
        assertThatThrownBy(() -> KeyFile.read(notBase64))
                .hasMessageContaining("line 2")
                .hasMessageContaining("'k' is not base64")
                .hasMessageNotContaining("se(ret");
        Path tooShort = fileOf(KeyFile.line("k", new byte[31]));
        assertThatThrownBy(() -> KeyFile.read(tooShort)).hasMessageContaining("31 bytes");
        Path oneWord = fileOf("secret");
        assertThatThrownBy(() -> KeyFile.read(oneWord))
                .hasMessageContaining("line 1")
                .hasMessageContaining("1 word")
                .hasMessageNotContaining("secret");
        Path empty = fileOf("# nothing yet");
        assertThatThrownBy(() -> KeyFile.read(empty)).hasMessageContaining("has no key");
    }
}
