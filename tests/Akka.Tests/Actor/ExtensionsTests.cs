using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class ExtensionsTests
{
    private const string Quiet = "akka.loglevel = OFF, akka.stdout-loglevel = OFF\n";

    [Fact]
    public async Task An_extension_is_made_once_for_each_system()
    {
        var first = ActorSystem.Create("first", Quiet);
        var second = ActorSystem.Create("second", Quiet);
        Assert.False(first.HasExtension<Counting>());
        var all = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => first.WithExtension<Counting, CountingId>()))
        );
        Assert.Single(all.Distinct());
        Assert.Same(all[0], first.GetExtension<Counting>());
        Assert.NotSame(all[0], new CountingId().Apply(second));
        Assert.Equal("first", all[0].Name);
        await Task.WhenAll(first.Terminate(), second.Terminate());
    }

    [Fact]
    public async Task Extensions_of_the_configuration_are_there_when_the_system_has_started()
    {
        var system = ActorSystem.Create(
            "listed",
            $"{Quiet}akka.extensions = [\"{typeof(CountingId).AssemblyQualifiedName}\"]"
        );
        Assert.True(system.HasExtension<Counting>());
        await system.Terminate();
    }

    [Fact]
    public async Task Callbacks_of_the_end_run_after_the_last_actor_the_last_added_first()
    {
        var system = ActorSystem.Create("ending", Quiet);
        var ran = new List<int>();
        system.RegisterOnTermination(() => ran.Add(1));
        system.RegisterOnTermination(() => ran.Add(2));
        await system.Terminate();
        Assert.Equal([2, 1], ran);
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task An_ended_system_makes_no_actors()
    {
        var system = ActorSystem.Create("ended", Quiet);
        await system.Terminate();
        Assert.Throws<InvalidOperationException>(() => system.ActorOf(Props.Create(() => new Empty())));
    }

    [Fact]
    public void A_system_needs_a_proper_name() =>
        Assert.Throws<ArgumentException>(() => ActorSystem.Create("not a name", Quiet));

    [Fact]
    public async Task Set_up_in_code_goes_before_the_defaults()
    {
        var setup = BootstrapSetup
            .Create()
            .WithConfig(Quiet + "akka.actor.ask-timeout = 7s")
            .WithActorRefProvider(ProviderSelection.Local.Instance);
        var system = ActorSystem.Create("setup", setup);
        Assert.Equal(TimeSpan.FromSeconds(7), system.Settings.AskTimeout);
        Assert.Equal(30, system.Dispatchers.DefaultGlobalDispatcher.Throughput);
        await system.Terminate();
    }

    public sealed class Counting(string name) : IExtension
    {
        public string Name { get; } = name;
    }

    public sealed class CountingId : ExtensionIdProvider<Counting>
    {
        public override Counting CreateExtension(ExtendedActorSystem system) => new(system.Name);
    }

    private sealed class Empty : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }
}
