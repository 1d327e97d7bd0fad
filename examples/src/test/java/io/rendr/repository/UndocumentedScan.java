// SPDX-License-Identifier: Apache-2.0
package io.rendr.repository;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * Finds what an outsider can name but not read about: public and protected declarations without a Javadoc comment.
 * The compiler's own check also asks for a tag per parameter, which breeds sentences that say nothing; this one asks
 * for words only. A method with {@code @Override} has those of the method that it overrides.
 */
final class UndocumentedScan extends TreePathScanner<Void, Void> {
    private final DocTrees docs;
    private final CompilationUnitTree unit;
    private final List<String> found;

    private UndocumentedScan(DocTrees docs, CompilationUnitTree unit, List<String> found) {
        this.docs = docs;
        this.unit = unit;
        this.found = found;
    }

    /** What was found, one line each: {@code file:line what}. */
    static List<String> of(Iterable<? extends JavaFileObject> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavacTask task = (JavacTask) compiler.getTask(null, null, null, List.of("-proc:none"), null, sources);
        List<String> found = new ArrayList<>();
        for (CompilationUnitTree unit : task.parse()) {
            new UndocumentedScan(DocTrees.instance(task), unit, found).scan(unit, null);
        }
        return found;
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
        if (!isVisible(type.getModifiers())) {
            return null;
        }
        check(type, type.getModifiers(), type.getSimpleName().toString());
        return super.visitClass(type, null);
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
        if (isVisible(method.getModifiers())) {
            check(method, method.getModifiers(), method.getName() + "()");
        }
        return null;
    }

    @Override
    public Void visitVariable(VariableTree field, Void unused) {
        if (isVisible(field.getModifiers())) {
            check(field, field.getModifiers(), field.getName().toString());
        }
        return null;
    }

    private boolean isVisible(ModifiersTree modifiers) {
        Set<Modifier> flags = modifiers.getFlags();
        if (flags.contains(Modifier.PRIVATE)) {
            return false;
        }
        return flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED) || isMemberOfInterface();
    }

    private boolean isMemberOfInterface() {
        Tree parent = getCurrentPath().getParentPath().getLeaf();
        return parent.getKind() == Tree.Kind.INTERFACE || parent.getKind() == Tree.Kind.ANNOTATION_TYPE;
    }

    private void check(Tree tree, ModifiersTree modifiers, String name) {
        boolean overrides = modifiers.getAnnotations().stream()
                .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
        if (!overrides && docs.getDocCommentTree(getCurrentPath()) == null) {
            long position = docs.getSourcePositions().getStartPosition(unit, tree);
            found.add(unit.getSourceFile().getName() + ":" + unit.getLineMap().getLineNumber(position) + " " + name);
        }
    }
}
