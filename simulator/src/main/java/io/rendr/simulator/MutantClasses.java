// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Engine and simulator with some classes of the engine compiled anew, apart from those that run the gate. For one thread.
 */
final class MutantClasses extends ClassLoader {
    private static final List<String> OPTIONS = List.of("-nowarn", "-proc:none", "--release", "17");

    private final Map<String, ByteArrayOutputStream> compiled;

    private MutantClasses(Map<String, ByteArrayOutputStream> compiled) {
        super(MutantClasses.class.getClassLoader());
        this.compiled = compiled;
    }

    /**
     * Compiles sources against the class path of this program.
     *
     * @param sources by file name, below the source root
     * @throws IllegalStateException if they do not compile, or this is no JDK
     */
    static MutantClasses of(Map<String, String> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("mutants are compiled, and this Java has no compiler; use a JDK");
        }
        Map<String, ByteArrayOutputStream> compiled = new HashMap<>();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((file, text) -> units.add(new Source(file, text)));
        try (JavaFileManager files =
                new InMemory(compiler.getStandardFileManager(problems, Locale.ROOT, null), compiled)) {
            if (!compiler.getTask(null, files, problems, OPTIONS, null, units).call()) {
                StringBuilder text = new StringBuilder("the mutant does not compile:");
                for (Diagnostic<?> problem : problems.getDiagnostics()) {
                    text.append(' ').append(problem.getMessage(Locale.ROOT));
                }
                throw new IllegalStateException(text.toString());
            }
        }
        return new MutantClasses(compiled);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        boolean mine = name.startsWith("io.rendr.engine.") || name.startsWith("io.rendr.simulator.");
        if (!mine) {
            return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes = bytes(name);
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
        @Nullable ByteArrayOutputStream mutated = compiled.get(name);
        if (mutated != null) {
            return mutated.toByteArray();
        }
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("string:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> compiled;

        InMemory(JavaFileManager files, Map<String, ByteArrayOutputStream> compiled) {
            super(files);
            this.compiled = compiled;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, @Nullable FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    compiled.put(className, bytes);
                    return bytes;
                }
            };
        }
    }
}
