// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents show and point to is what is there. */
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Path HELLO = ROOT.resolve("examples/src/main/java/io/rendr/examples/Hello.java");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#]+)(#[^)]*)?\\)");

    private static final Pattern CODE = Pattern.compile("`(?:[a-z]+/)?([A-Z][a-z]\\w*)((?:[./]\\w+)*)`");
    private static final Set<String> NOT_OURS = Set.of(
            "AsynchronousCloseException",
            "IllegalStateException",
            "InterruptedIOException",
            "Object",
            "ReentrantLock",
            "ServiceLoader",
            "SocketTimeoutException");

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

    /** {@code `Flow.settle`}: a class of this repository, and something in its source. */
    @Test
    void everyClassThatADocumentNamesIsThere() throws IOException {
        Map<String, Path> sources = sources();
        int named = 0;
        for (String name : List.of("architecture.md", "concurrency.md")) {
            Matcher code = CODE.matcher(Files.readString(ROOT.resolve("docs").resolve(name)));
            while (code.find()) {
                String type = code.group(1);
                if (NOT_OURS.contains(type)) {
                    continue;
                }
                named++;
                assertThat(sources).as("%s names `%s`", name, code.group()).containsKey(type);
                String source = Files.readString(sources.get(type));
                for (String member : code.group(2).split("[./]")) {
                    assertThat(source).as("%s names `%s`", name, code.group()).contains(member);
                }
            }
        }
        assertThat(named).isGreaterThan(50);
    }

    private static Map<String, Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file ->
                            file.toString().endsWith(".java") && file.toString().contains("/src/"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""), file -> file, (a, b) -> a));
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
