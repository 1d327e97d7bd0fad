// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.rendr.acceptance.Agent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RSocketAgentTest {
    private static Map<String, Object> ask(Agent agent, String command) throws IOException {
        Map<String, Object> answer = JSON.std.mapFrom(agent.answer(command));
        assertThat(answer).as(command).containsEntry("ok", true);
        return answer;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsocket", "rsocket-tuned"})
    void whatOneEndSendsTheOtherGets(String kind, @TempDir Path directory) throws IOException {
        Agent server = RSocketAgent.agent();
        Agent client = RSocketAgent.agent();
        List<?> endpoints =
                (List<?>) ask(server, "listen " + kind + " 127.0.0.1:0").get("endpoints");
        ask(client, "dial " + kind + " " + endpoints.get(0));
        ask(server, "accept");
        ask(client, "bulk 1 20000000 65536");
        Map<String, Object> sent = ask(client, "finish 1 all");
        assertThat(ask(server, "ended 1 30")).isEqualTo(sent).containsEntry("bytes", 20_000_000);
        ask(server, "once 1 1000");
        Map<String, Object> answered = ask(server, "finish 1 now");
        assertThat(ask(client, "ended 1 30")).isEqualTo(answered).containsEntry("bytes", 1000);
        ask(server, "close 1 " + directory.resolve("server"));
        ask(client, "close 1 " + directory.resolve("client"));
        ask(client, "quit");
        ask(server, "quit");
    }
}
