// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/** The only path of a connection cannot be removed. */
public final class LastPathException extends RendrException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param path name of the path
     */
    public LastPathException(@Nullable FlowId flowId, String path) {
        super(
                flowId,
                "path " + path + " is the last of " + flow(flowId)
                        + ". Add another one first, or end the connection with close().",
                null);
    }
}
