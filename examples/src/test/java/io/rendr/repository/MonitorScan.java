// SPDX-License-Identifier: Apache-2.0
package io.rendr.repository;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Finds object monitors in a class file: synchronized methods, synchronized blocks, {@code Object.wait} and {@code
 * notify}. A virtual thread that blocks while it holds one pins its carrier thread on every JDK before 24.
 */
final class MonitorScan extends ClassVisitor {
    private static final Set<String> OBJECT_METHODS =
            Set.of("wait()V", "wait(J)V", "wait(JI)V", "notify()V", "notifyAll()V");

    private final List<String> found = new ArrayList<>();
    private String className = "";

    private MonitorScan() {
        super(Opcodes.ASM9);
    }

    /** What was found, one line each: {@code Class.method: what}. */
    static List<String> of(byte[] classFile) {
        MonitorScan scan = new MonitorScan();
        new ClassReader(classFile).accept(scan, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return scan.found;
    }

    @Override
    public void visit(int version, int access, String name, String signature, String superName, String[] interfaces) {
        className = name.replace('/', '.');
    }

    @Override
    public MethodVisitor visitMethod(
            int access, String name, String descriptor, String signature, String[] exceptions) {
        String where = className + "." + name + ": ";
        if ((access & Opcodes.ACC_SYNCHRONIZED) != 0) {
            found.add(where + "synchronized method");
        }
        return new MethodVisitor(Opcodes.ASM9) {
            @Override
            public void visitInsn(int opcode) {
                if (opcode == Opcodes.MONITORENTER) {
                    found.add(where + "synchronized block");
                }
            }

            @Override
            public void visitMethodInsn(int opcode, String owner, String method, String desc, boolean isInterface) {
                if (OBJECT_METHODS.contains(method + desc) && opcode != Opcodes.INVOKESTATIC) {
                    found.add(where + "Object." + method);
                }
            }
        };
    }
}
