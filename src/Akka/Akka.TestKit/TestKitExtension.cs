using Akka.Actor;

namespace Akka.TestKit;

/// <summary>Keeps the test settings of a system.</summary>
public class TestKitExtension : ExtensionIdProvider<TestKitSettings>
{
    private static readonly TestKitExtension Id = new();

    public static TestKitSettings For(ActorSystem system) => (TestKitSettings)system.RegisterExtension(Id)!;

    public override TestKitSettings CreateExtension(ExtendedActorSystem system) => new(system.Settings.Config);
}
