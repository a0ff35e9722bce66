using System.Collections.Immutable;
using Akka.Actor.Setup;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Tests.Serialization;

public sealed class SerializationSetupTests : Akka.TestKit.Xunit2.TestKit
{
    public SerializationSetupTests()
        : base(
            ActorSystemSetup.Create(
                SerializationSetup.Create(system =>
                    [
                        SerializerDetails.Create(
                            "greeting",
                            new GreetingSerializer(system),
                            ImmutableHashSet.Create(typeof(IGreeting))
                        ),
                    ]
                )
            )
        ) { }

    [Fact]
    public void A_program_may_bind_types() =>
        Assert.IsType<GreetingSerializer>(Sys.Serialization.FindSerializerForType(typeof(Greeting)));

    [Fact]
    public void The_kit_has_its_defaults_still() => EventFilter.Info("seen").ExpectOne(() => Log.Info("seen"));
}
