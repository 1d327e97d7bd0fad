// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class EngineArchitectureTest {
    private static final JavaClasses ENGINE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.rendr.engine");

    private final EngineRules rules = new EngineRules("io.rendr.engine");

    @Test
    void everyPackageHasAPlace() {
        rules.everyPackageHasAPlace().check(ENGINE);
    }

    @Test
    void dependenciesPointDown() {
        rules.dependenciesPointDown().check(ENGINE);
    }

    @Test
    void pureCoreUsesOnlyPureTypes() {
        rules.pureCoreUsesOnlyPureTypes().check(ENGINE);
    }

    @Test
    void pureCoreReadsNoClockAndNoEntropy() {
        rules.pureCoreReadsNoClockAndNoEntropy().check(ENGINE);
    }
}
