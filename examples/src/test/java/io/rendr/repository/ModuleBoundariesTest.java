// SPDX-License-Identifier: Apache-2.0
package io.rendr.repository;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What one module may know of another, and of the libraries below. */
class ModuleBoundariesTest {
    private static final JavaClasses RENDR = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.rendr");

    /** Netty and Guice in a signature would make every application depend on our choice of them, and on its version. */
    @Test
    void theApiKnowsNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage("io.rendr")
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("io.rendr", "java..", "javax.net..", "org.jspecify.annotations"))
                .check(RENDR);
    }

    @Test
    void theSpiKnowsTheApiAndNettysBuffersAndChannels() {
        classes()
                .that()
                .resideInAPackage("io.rendr.spi..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "io.rendr",
                        "io.rendr.spi..",
                        "java..",
                        "javax.net..",
                        "org.jspecify.annotations",
                        "io.netty.bootstrap",
                        "io.netty.buffer..",
                        "io.netty.channel..",
                        "io.netty.util.."))
                .check(RENDR);
    }

    @Test
    void transportsAndTestkitDoNotKnowTheEngine() {
        noClasses()
                .that()
                .resideInAnyPackage("io.rendr.transport..", "io.rendr.testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.rendr.engine..")
                .check(RENDR);
    }

    @Test
    void theEngineKnowsNoTransport() {
        noClasses()
                .that()
                .resideInAPackage("io.rendr.engine..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.rendr.transport..", "io.rendr.testkit..", "io.rendr.cli..")
                .check(RENDR);
    }

    /** The simulator drives the pure core by hand; for everybody else the engine's packages are closed. */
    @Test
    void onlyTheEnginesRootPackageIsPublic() {
        noClasses()
                .that(resideInAPackage("io.rendr..")
                        .and(not(resideInAnyPackage("io.rendr.engine..", "io.rendr.simulator.."))))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.rendr.engine..").and(not(resideInAPackage("io.rendr.engine"))))
                .check(RENDR);
    }
}
