// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.testkit.LeakGuard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class EchoTest {
    @Test
    void carriesBytesThereAndBackAndEndsInOrder() throws Exception {
        RendrConfig config =
                RendrConfig.builder().transport(new LoopTransport()).build();
        try (Rendr rendr = Rendr.create(config);
                Acceptor acceptor = rendr.listen("loop://127.0.0.1:0");
                StreamConn client = rendr.dial(acceptor.endpoints().get(0).toUri());
                StreamConn server = acceptor.accept()) {
            client.outputStream().write("over whichever path".getBytes(UTF_8));
            client.shutdownOutput();
            byte[] heard = server.inputStream().readAllBytes();
            server.outputStream().write(heard);
            server.shutdownOutput();
            assertThat(client.inputStream().readAllBytes()).asString(UTF_8).isEqualTo("over whichever path");
            assertThat(server.flowId()).isEqualTo(client.flowId());
        }
    }
}
