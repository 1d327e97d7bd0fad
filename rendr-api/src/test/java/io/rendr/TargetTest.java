// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    private static final PathSpec LAN = PathSpec.of("tcp://lan:1?name=lan");
    private static final PathSpec LTE = PathSpec.of("tcp://lte:1?name=lte");

    @Test
    void nests() {
        Target tree = Target.selector(
                "main", Target.bond("both", Target.path(LAN), Target.path(LTE)), Target.path("tcp://hk:1"));
        tree.check();

        assertThat(tree.leaves()).extracting(Target.Path::name).containsExactly("lan", "lte", "tcp://hk:1");
        assertThat(tree.find("both")).get().isInstanceOf(Target.Bond.class);
        assertThat(tree.find("nobody")).isEmpty();
        assertThat(tree.mode()).isEqualTo(Mode.PRIME);
        assertThat(Target.race("r", tree).mode()).isEqualTo(Mode.RACE);
        assertThat(tree.toString())
                .isEqualTo("selector main(bond both(tcp://lan:1?name=lan, tcp://lte:1?name=lte), tcp://hk:1)");
    }

    @Test
    void aLeafAndItsSpecHaveOneName() {
        Target.Path leaf = new Target.Path("office", PathSpec.of("tcp://h:1"));
        assertThat(leaf.spec().name()).isEqualTo("office");
        assertThat(leaf).isEqualTo(Target.path("tcp://h:1?name=office"));
    }

    @Test
    void tellsEveryProblemOfATree() {
        Target.Path a = Target.path("tcp://h:1?name=a");
        Target deep = Target.selector("s1", Target.race("r", Target.bond("b", Target.selector("s1", a, a, a))));

        InvalidConfigException e = catchThrowableOfType(InvalidConfigException.class, deep::check);
        assertThat(e.problems()).hasSize(3);
        assertThat(e)
                .hasMessageContaining("'s1' is used twice")
                .hasMessageContaining("'a' is used twice")
                .hasMessageContaining("at most 4 levels, this one 5");

        Target[] many = new Target[64];
        for (int i = 0; i < many.length; i++) {
            many[i] = Target.path("tcp://h:" + i);
        }
        assertThatThrownBy(Target.selector("root", many)::check).hasMessageContaining("at most 64 nodes, this one 65");
    }

    @Test
    void refusesNodesThatCannotBe() {
        assertThatThrownBy(() -> Target.selector("empty")).hasMessageContaining("selector 'empty' has no children");
        assertThatThrownBy(() -> new Target.Path("   ", LAN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Target.race("é".repeat(33), Target.path(LAN))).hasMessageContaining("64 bytes");
        assertThatThrownBy(() -> Target.race("a\nb", Target.path(LAN))).hasMessageContaining("'a?b'");
        assertThatThrownBy(() -> Target.selector("s", Target.path(LAN)).withDuplication(1.5))
                .hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> Target.bond("b", Target.path(LAN)).withStuckRttMultiplier(1))
                .hasMessageContaining("above 1");
        assertThatThrownBy(() -> new QualityPolicy(1, Duration.ofSeconds(-1), Duration.ZERO, Duration.ZERO))
                .hasMessageContaining("2 problems");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "selector main(lan, lte)",
                "selector main{hysteresis=0.5, floor=2ms, dwell=5s, cooldown=30s, duplication=0.1}(lan)",
                "race r(selector(lan), bond b{stuck=4.0}(lte))",
                "selector \"a (b)\"(\"tcp://h:1?name=x,y\", \"tcp://h:2?name=%22q\\\\\")",
                "selector \"race\"(tcp://[::1]:5?fate=wifi&backup=true)",
                "lan",
            })
    void textFormRoundTrips(String text) {
        Target tree = Target.parse(text, List.of(LAN, LTE));
        assertThat(Target.parse(tree.toString(), List.of())).isEqualTo(tree);
    }

    @Test
    void textFormReadsWhatItSays() {
        Target tree =
                Target.parse("selector main{dwell=1s}(bond both{stuck=4}(lan, lte), tcp://hk:1)", List.of(LAN, LTE));
        Target.Selector main = (Target.Selector) tree;
        assertThat(main.quality())
                .isEqualTo(new QualityPolicy(.25, Duration.ofMillis(2), Duration.ofSeconds(1), Duration.ofSeconds(30)));
        assertThat(main.duplication()).isZero();
        assertThat(main.children().get(0))
                .isEqualTo(
                        Target.bond("both", Target.path(LAN), Target.path(LTE)).withStuckRttMultiplier(4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "selector main | 14 | expected '('",
                "selector main() | 15 | unexpected ')'",
                "selector main(lan | 18 | expected ')'",
                "selector main(lann) | 15 | Did you mean 'lan'?",
                "selector main(lan)) | 19 | expected the end",
                "selector main(\"lan) | 15 | never closed",
                "selector main{dwel=1s}(lan) | 10 | Did you mean 'dwell'?",
                "selector main{dwell=1}(lan) | 10 | unit",
                "selector main{dwell}(lan) | 20 | expected '='",
                "race r{stuck=3}(lan) | 6 | unknown option 'stuck'",
                "'' | 1 | more was expected",
            })
    void textFormPointsAtTheProblem(String text, int character, String reason) {
        assertThatThrownBy(() -> Target.parse(text, List.of(LAN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("policy tree, character " + character + ":")
                .hasMessageContaining(reason);
    }

    @Test
    void textFormForTheFingers() {
        Target tree = Target.parse(
                "select(bond(lan, dsl=tcp://h:2?fate=wire), bond(lte = tcp://h:3), race(wifi=tcp://h:4))",
                List.of(LAN));
        assertThat(tree)
                .hasToString("selector \"selector\"(bond \"bond\"(" + LAN + ", tcp://h:2?fate=wire&name=dsl),"
                        + " bond bond2(tcp://h:3?name=lte), race \"race\"(tcp://h:4?name=wifi))");
        assertThat(Target.parse(tree.toString(), List.of())).isEqualTo(tree);
        assertThatThrownBy(() -> Target.parse("select(a=tcp:/h:4)", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("policy tree, character 10:");
    }

    @Test
    void textFormIsChecked() {
        assertThatThrownBy(() -> Target.parse("selector main(lan, lan)", List.of(LAN)))
                .isInstanceOf(InvalidConfigException.class);
    }

    @Test
    void hidesSecrets() {
        Target tree = Target.selector("s", Target.path("tcp://h:1?password=hunter2"));
        assertThat(tree.toString()).doesNotContain("hunter2");
        assertThat(DialerConfig.builder().target(tree).build().toString()).doesNotContain("hunter2");
    }
}
