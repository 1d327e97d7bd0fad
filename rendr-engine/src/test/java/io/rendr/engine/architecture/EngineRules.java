// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules, for any root package, so that they can be tried on fixtures as well as on the engine. */
final class EngineRules {
    /** From the bottom up: a package may use those before it. The root package comes last and may use them all. */
    static final List<String> ORDER =
            List.of("wire", "keys", "memory", "path", "link", "policy", "flow", "registry", "net", "conn");

    /** No thread, no socket, no clock, no randomness: the simulator replays these packages from a seed. */
    static final List<String> PURE = ORDER.subList(0, ORDER.indexOf("flow") + 1);

    private static final Set<String> ENTROPY_OWNERS = Set.of(
            "java.security.SecureRandom",
            "java.util.Random",
            "java.util.SplittableRandom",
            "java.util.concurrent.ThreadLocalRandom",
            "java.util.random.RandomGeneratorFactory");

    private final String root;

    EngineRules(String root) {
        this.root = root;
    }

    /** A package that nobody has placed in the order is held by no rule. */
    ArchRule everyPackageHasAPlace() {
        String[] known = ORDER.stream().map(this::pkg).toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .resideInAnyPackage(known)
                .orShould()
                .resideInAPackage(root)
                .as("every engine package has a place in the order " + ORDER);
    }

    ArchRule dependenciesPointDown() {
        CompositeArchRule all = null;
        for (int i = 0; i < ORDER.size(); i++) {
            String name = ORDER.get(i);
            String[] above = ORDER.stream().skip(i + 1L).map(this::pkg).toArray(String[]::new);
            ArchRule rule = noClasses()
                    .that()
                    .resideInAPackage(pkg(name))
                    .should()
                    .dependOnClassesThat(resideInAPackage(root).or(resideInAnyPackage(above)))
                    .as("'" + name + "' uses nothing that comes after it in " + ORDER)
                    .allowEmptyShould(true);
            all = all == null ? CompositeArchRule.of(rule) : all.and(rule);
        }
        return all.allowEmptyShould(true);
    }

    /** An allow-list, because what a pure package may use is short and what it may not use is endless. */
    ArchRule pureCoreUsesOnlyPureTypes() {
        return CompositeArchRule.of(classes()
                        .that()
                        .resideInAnyPackage(pure())
                        .and()
                        .resideOutsideOfPackages(pkg("memory"), pkg("keys"))
                        .and()
                        .haveNameNotMatching(sharedByFlows())
                        .should()
                        .onlyDependOnClassesThat(pureTypes()))
                .and(classes()
                        .that()
                        .resideInAPackage(pkg("memory"))
                        .or()
                        .haveNameMatching(sharedByFlows())
                        .should()
                        .onlyDependOnClassesThat(pureTypes().or(named("java.util.concurrent.locks.ReentrantLock"))))
                .and(classes()
                        .that()
                        .resideInAPackage(pkg("keys"))
                        .should()
                        .onlyDependOnClassesThat(pureTypes().or(cryptography())))
                .as("the pure core uses only pure types")
                .allowEmptyShould(true);
    }

    ArchRule pureCoreReadsNoClockAndNoEntropy() {
        return noClasses()
                .that()
                .resideInAnyPackage(pure())
                .should()
                .accessTargetWhere(DescribedPredicate.describe("reads a clock", EngineRules::readsClock))
                .orShould()
                .accessTargetWhere(DescribedPredicate.describe("makes entropy", EngineRules::makesEntropy))
                .orShould()
                .accessTargetWhere(DescribedPredicate.describe("parks a thread", EngineRules::parks))
                .as("the pure core reads no clock, makes no entropy and parks no thread")
                .allowEmptyShould(true);
    }

    /** What flows on several loops share has a short lock, as the memory does. */
    private String sharedByFlows() {
        return Pattern.quote(pkg("flow")) + "[.](FlowTable|PeerGroups?|RedialGate)([$].*)?";
    }

    private String pkg(String name) {
        return root + "." + name;
    }

    private String[] pure() {
        return PURE.stream().map(this::pkg).toArray(String[]::new);
    }

    private DescribedPredicate<JavaClass> pureTypes() {
        DescribedPredicate<JavaClass> impureLang = named(
                "java.lang.Thread",
                "java.lang.ThreadGroup",
                "java.lang.ThreadLocal",
                "java.lang.InheritableThreadLocal",
                "java.lang.Runtime",
                "java.lang.Process",
                "java.lang.ProcessBuilder",
                "java.lang.ProcessHandle");
        DescribedPredicate<JavaClass> impureUtil =
                named("java.util.Timer", "java.util.TimerTask", "java.util.Random", "java.util.Scanner");
        return primitives()
                .or(resideInAPackage("java.lang").and(DescribedPredicate.not(impureLang)))
                .or(resideInAnyPackage("java.lang.annotation", "java.lang.invoke", "java.lang.runtime"))
                .or(resideInAPackage("java.util").and(DescribedPredicate.not(impureUtil)))
                .or(resideInAnyPackage("java.util.function", "java.util.stream", "java.util.concurrent.atomic"))
                .or(named("java.util.random.RandomGenerator", "java.util.concurrent.TimeUnit"))
                .or(named("java.time.Duration", "java.time.Instant"))
                .or(resideInAnyPackage("java.nio", "java.nio.charset", "java.math"))
                .or(named("java.net.SocketAddress")) // a value; what resolves or opens one is not here
                .or(named("java.io.IOException", "java.io.Serializable", "java.io.UncheckedIOException"))
                .or(resideInAnyPackage("io.netty.buffer", "io.netty.util"))
                .or(resideInAPackage("org.jspecify.annotations"))
                .or(resideInAnyPackage("io.rendr", "io.rendr.spi"))
                .or(resideInAnyPackage(pure()))
                .as("pure types");
    }

    /** Entropy reaches the key schedule as an argument, so its type is fine here; making it is not. */
    private static DescribedPredicate<JavaClass> cryptography() {
        return resideInAnyPackage("javax.crypto..", "java.security", "java.security.spec", "java.security.interfaces");
    }

    private static DescribedPredicate<JavaClass> primitives() {
        return DescribedPredicate.describe(
                "primitives", c -> c.getBaseComponentType().isPrimitive());
    }

    /** The class, one nested in it, or an array of it. */
    private static DescribedPredicate<JavaClass> named(String... names) {
        return DescribedPredicate.describe(String.join(" or ", names), c -> {
            String name = c.getBaseComponentType().getName();
            for (String n : names) {
                if (name.equals(n) || name.startsWith(n + "$")) {
                    return true;
                }
            }
            return false;
        });
    }

    private static boolean readsClock(JavaAccess<?> access) {
        String owner = access.getTarget().getOwner().getName();
        String name = access.getTarget().getName();
        return owner.equals("java.lang.System") && (name.equals("nanoTime") || name.equals("currentTimeMillis"))
                || owner.startsWith("java.time.") && name.equals("now")
                || owner.equals("java.util.Date") && name.equals("<init>")
                || owner.equals("java.util.Calendar") && name.equals("getInstance");
    }

    private static boolean makesEntropy(JavaAccess<?> access) {
        String owner = access.getTarget().getOwner().getName();
        String name = access.getTarget().getName();
        return ENTROPY_OWNERS.contains(owner) && (name.equals("<init>") || isStaticFactory(name))
                || owner.equals("java.util.random.RandomGenerator") && isStaticFactory(name)
                || owner.equals("java.lang.Math") && name.equals("random")
                || owner.equals("java.lang.StrictMath") && name.equals("random")
                || owner.equals("java.util.UUID") && name.equals("randomUUID")
                || owner.equals("java.util.Collections") && name.equals("shuffle")
                || owner.equals("java.lang.System") && name.equals("identityHashCode");
    }

    private static boolean isStaticFactory(String name) {
        return name.startsWith("getInstance")
                || name.equals("getDefault")
                || name.equals("of")
                || name.equals("current")
                || name.equals("create");
    }

    private static boolean parks(JavaAccess<?> access) {
        String owner = access.getTarget().getOwner().getName();
        String name = access.getTarget().getName();
        // tryLock() comes back at once; with a time-out it parks.
        boolean timedLock = name.equals("tryLock")
                && access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget called
                && !called.getRawParameterTypes().isEmpty();
        return timedLock
                || owner.equals("java.util.concurrent.TimeUnit")
                        && Set.of("sleep", "timedJoin", "timedWait").contains(name)
                || owner.equals("java.util.concurrent.locks.ReentrantLock")
                        && !Set.of("<init>", "lock", "tryLock", "unlock", "isHeldByCurrentThread")
                                .contains(name);
    }
}
