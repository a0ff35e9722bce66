using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Internal;
using Akka.TestKit.Xunit2.Internals;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2;

/// <summary>The base of xunit tests of actors: a system of their own, which ends with them.</summary>
public class TestKit : TestKitBase, IDisposable
{
    protected readonly ITestOutputHelper? Output;

    private bool isDisposing;

    /// <summary>Tests on <paramref name="system"/>, or on one of their own.</summary>
    public TestKit(ActorSystem? system = null, ITestOutputHelper? output = null)
        : base(Assertions, system) => Output = Initialized(output);

    /// <summary>Tests on a system with <paramref name="config"/> above the defaults; log events go to <paramref name="output"/>.</summary>
    public TestKit(Config? config, string? actorSystemName = null, ITestOutputHelper? output = null)
        : base(Assertions, config, actorSystemName) => Output = Initialized(output);

    /// <inheritdoc cref="TestKit(Config, string, ITestOutputHelper)"/>
    public TestKit(string config, ITestOutputHelper? output = null)
        : this(ConfigurationFactory.ParseString(config), actorSystemName: null, output) { }

    /// <summary>Tests on a system that <paramref name="config"/> sets up above the defaults; log events go to <paramref name="output"/>.</summary>
    public TestKit(ActorSystemSetup config, string? actorSystemName = null, ITestOutputHelper? output = null)
        : base(Assertions, config, actorSystemName) => Output = Initialized(output);

    public static new Config DefaultConfig => TestKitBase.DefaultConfig;

    public static new Config FullDebugConfig => TestKitBase.FullDebugConfig;

    protected static new XunitAssertions Assertions { get; } = new();

    /// <summary>Ends the system and waits for it.</summary>
    protected virtual void AfterAll() => Shutdown();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || isDisposing)
            return;
        isDisposing = true;
        try
        {
            AfterAll();
        }
        finally
        {
            ActorCellKeepingSynchronizationContext.Remove();
        }
    }

    /// <summary>Lets the log of <paramref name="system"/> go to the test's output.</summary>
    protected void InitializeLogger(ActorSystem system) => Initialized(system, Output);

    private ITestOutputHelper? Initialized(ITestOutputHelper? output) => Initialized(Sys, output);

    private static ITestOutputHelper? Initialized(ActorSystem system, ITestOutputHelper? output)
    {
        if (output is null)
            return null;
        var props = Props.Create(() => new TestOutputLogger(output));
        var logger = ((ExtendedActorSystem)system).SystemActorOf(props, "log-test");
        logger.Tell(new InitializeLogger(system.EventStream), ActorRefs.NoSender);
        return output;
    }
}
