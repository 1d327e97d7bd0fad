// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;

class PlainSocketContractTest extends TransportContract {
    @Override
    protected PathFactory factory() {
        return new PlainSocketTransport();
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("plain://127.0.0.1:0");
    }
}
