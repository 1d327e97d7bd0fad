// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.rendr.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentTest {
    private static Map<String, Object> ask(Agent agent, String command) throws IOException {
        Map<String, Object> answer = JSON.std.mapFrom(agent.answer(command));
        assertThat(answer).as(command).containsEntry("ok", true);
        return answer;
    }

    @ParameterizedTest
    @CsvSource({"rendr, tcp://127.0.0.1:0", "tcp, 127.0.0.1:0"})
    void whatOneEndSendsTheOtherGets(String kind, String endpoint, @TempDir Path directory) throws IOException {
        Agent server = new Agent(Map.of());
        Agent client = new Agent(Map.of());
        List<?> endpoints =
                (List<?>) ask(server, "listen " + kind + " " + endpoint).get("endpoints");
        ask(client, "dial " + kind + " " + endpoints.get(0));
        ask(client, "once 1 1000"); // a plain connection is accepted without that, ours too; but both may be lazy
        ask(server, "accept");
        ask(client, "bulk 1 1000000 65536");
        Map<String, Object> sent = ask(client, "finish 1 all");
        Map<String, Object> got = ask(server, "ended 1 30");
        assertThat(got).isEqualTo(sent).containsEntry("bytes", 1_001_000);
        ask(server, "finish 1 now");
        ask(client, "ended 1 30");
        ask(server, "close 1 " + directory.resolve("server"));
        ask(client, "close 1 " + directory.resolve("client"));
        assertThat(Files.readAllLines(directory.resolve("client-written.csv")))
                .hasSize(17)
                .last()
                .asString()
                .endsWith(",1001000");
        assertThat(Files.readAllLines(directory.resolve("server-read.csv")))
                .last()
                .asString()
                .endsWith(",1001000");
        ask(server, "quit");
        ask(client, "quit");
    }

    private static int packets(Agent agent) {
        try {
            return (int) ask(agent, "progress 1").get("packets");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "repaired, udpflow://127.0.0.1:0, ''",
        "best-effort, quic://127.0.0.1:0?tls.developmentOnlyInsecure=true, &mode=datagram",
        "quic-datagrams, 127.0.0.1:0, ''"
    })
    void eachPacketIsCountedOnce(String kind, String endpoint, String options, @TempDir Path directory)
            throws IOException {
        Agent server = new Agent(Map.of());
        Agent client = new Agent(Map.of());
        List<?> endpoints =
                (List<?>) ask(server, "listen " + kind + " " + endpoint).get("endpoints");
        ask(client, "dial " + kind + " " + endpoints.get(0) + options);
        ask(server, "accept");
        ask(client, "send 1 1000 300");
        assertThat(ask(client, "finish 1 all")).containsEntry("sent", 300).doesNotContainKey("error");
        Await.until("all have come", () -> packets(server) == 300);
        ask(client, "close 1 " + directory);
        assertThat(ask(server, "ended 1 30"))
                .containsEntry("packets", 300)
                .containsEntry("wrong", 0)
                .doesNotContainKey("error");
        ask(server, "close 1 " + directory);
        ask(server, "quit");
        ask(client, "quit");
    }

    @Test
    void whatCannotBeDoneIsAnsweredWithAnError() throws IOException {
        Agent agent = new Agent(Map.of());
        for (String command : List.of("accept", "bulk 1 2 3", "listen smoke x", "dance", "listen")) {
            assertThat(JSON.std.mapFrom(agent.answer(command)))
                    .as(command)
                    .containsEntry("ok", false)
                    .containsKey("error");
        }
    }
}
