// SPDX-License-Identifier: Apache-2.0
package io.rendr.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicApiIsDocumentedTest {
    @ParameterizedTest
    @ValueSource(strings = {"rendr-api", "rendr-spi"})
    void everyPublicDeclarationHasAComment(String module) throws IOException {
        Path sources = Modules.root().resolve(module).resolve("src/main/java");
        try (Stream<Path> walk = Files.walk(sources);
                var files = ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null)) {
            List<Path> java = walk.filter(f -> f.toString().endsWith(".java")).toList();
            assertThat(java).isNotEmpty();
            assertThat(UndocumentedScan.of(files.getJavaFileObjectsFromPaths(java)))
                    .isEmpty();
        }
    }

    @Test
    void theScanFindsWhatHasNoComment() throws IOException {
        assertThat(UndocumentedScan.of(List.of(source("Shape", """
                public interface Shape {
                    int CONSTANT = 1;

                    /** Told. */
                    int told();

                    int untold();

                    private int hidden() {
                        return 1;
                    }

                    enum Kind {
                        /** Told. */
                        TOLD,
                        UNTOLD
                    }

                    /** Told. */
                    record Pair(int a, int b) implements Shape {
                        @Override
                        public int told() {
                            int local = a;
                            return local;
                        }

                        protected int untoldToo() {
                            return b;
                        }

                        int packagePrivate() {
                            return 0;
                        }
                    }
                }

                class NotVisible {
                    public int x;
                }
                """))))
                .containsExactly(
                        "/Shape.java:1 Shape",
                        "/Shape.java:2 CONSTANT",
                        "/Shape.java:7 untold()",
                        "/Shape.java:13 Kind",
                        "/Shape.java:16 UNTOLD",
                        "/Shape.java:27 untoldToo()");
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }
}
