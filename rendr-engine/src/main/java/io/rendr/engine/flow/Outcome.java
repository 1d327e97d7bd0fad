// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import java.io.IOException;

/** The answer to an administrative request, given once, under the flow's exclusion. */
public interface Outcome {
    void done(int pathId);

    void failed(IOException cause);
}
