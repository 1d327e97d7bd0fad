// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents show and point to is what is there. */
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path HELLO = ROOT.resolve("examples/src/main/java/io/rendr/examples/Hello.java");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#]+)(#[^)]*)?\\)");

    @Test
    void theExampleOfTheReadmeIsTheOneThatRuns() throws IOException {
        List<String> source = Files.readAllLines(HELLO);
        int main = source.indexOf("    public static void main(String[] args) throws IOException {");
        List<String> body = source.subList(main + 1, source.lastIndexOf("    }")).stream()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .toList();
        String readme = Files.readString(ROOT.resolve("README.md"));
        assertThat(body).hasSizeBetween(10, 15);
        assertThat(readme).contains("```java\n" + String.join("\n", body) + "\n```");
    }

    @Test
    void everyLinkOfADocumentLeadsSomewhere() throws IOException {
        int links = 0;
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                links++;
                assertThat(document.getParent().resolve(link.group(1)))
                        .as("a link of " + document)
                        .exists();
            }
        }
        assertThat(links).isGreaterThan(5);
    }

    @Test
    void everyDocumentCanBeReachedFromTheReadme() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        for (Path document : documents()) {
            if (document.getParent().endsWith("docs")) {
                String link = "(docs/" + document.getFileName() + ")";
                assertThat(readme.contains(link))
                        .as("the README links to %s", link)
                        .isTrue();
            }
        }
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"));
                Stream<Path> root = Files.list(ROOT)) {
            return Stream.concat(docs, root)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }
}
