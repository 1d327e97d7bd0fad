// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails the whole test run if any test of it leaked a Netty buffer, with one garbage collection at the end. {@link LeakGuard} is for the classes
 * that want to know which test it was, and for threads and descriptors.
 *
 * <p>To have it for all tests of a module: name this class in {@code META-INF/services/org.junit.jupiter.api.extension.Extension} among the test
 * resources, and set {@code junit.jupiter.extensions.autodetection.enabled}.
 */
public final class LeakGate implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(Namespace.create(LeakGate.class))
                .computeIfAbsent(AutoCloseable.class, key -> open(), AutoCloseable.class);
    }

    /** The first question makes the guard listen to the detector; what is reported to nobody is lost. */
    private static AutoCloseable open() {
        LeakGuard.assertNoBufferLeaked();
        return LeakGuard::assertNoBufferLeaked;
    }
}
