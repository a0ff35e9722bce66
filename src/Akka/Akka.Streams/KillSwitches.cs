using Akka.Streams.Implementation.Stages;

namespace Akka.Streams;

/// <summary>Ends streams from outside.</summary>
public interface IKillSwitch
{
    /// <summary>Completes downstream and cancels upstream.</summary>
    void Shutdown();

    /// <summary>Fails downstream, with an AggregateException around the cause, and cancels upstream.</summary>
    void Abort(Exception cause);
}

/// <summary>Ends one materialized stream.</summary>
public sealed class UniqueKillSwitch : IKillSwitch
{
    private readonly KillSignal _signal;

    internal UniqueKillSwitch(KillSignal signal) => _signal = signal;

    public void Shutdown() => _signal.TryEnd(null);

    public void Abort(Exception cause) => _signal.TryEnd(new AggregateException(cause));

    public override string ToString() => $"SingleKillSwitch({GetHashCode()})";
}

/// <summary>Ends every stream that one of its flows is in, also those that start later.</summary>
public sealed class SharedKillSwitch : IKillSwitch
{
    private readonly KillSignal _signal = new();
    private readonly string _name;

    internal SharedKillSwitch(string name) => _name = name;

    public void Shutdown() => _signal.TryEnd(null);

    public void Abort(Exception cause) => _signal.TryEnd(new AggregateException(cause));

    /// <summary>A flow that this switch ends; any number of them.</summary>
    public IGraph<FlowShape<T, T>, SharedKillSwitch> Flow<T>() =>
        new KillableFlow<T, SharedKillSwitch>(() => (_signal, this));

    public override string ToString() => $"KillSwitch({_name})";
}

/// <summary>Makes kill switches.</summary>
public static class KillSwitches
{
    /// <summary>A switch for streams of any number.</summary>
    public static SharedKillSwitch Shared(string name) => new(name);

    /// <summary>A flow with a switch for each run.</summary>
    public static IGraph<FlowShape<T, T>, UniqueKillSwitch> Single<T>() =>
        new KillableFlow<T, UniqueKillSwitch>(NewSwitch);

    /// <summary>A bidirectional flow with a switch, for both directions, for each run.</summary>
    public static IGraph<BidiShape<T1, T1, T2, T2>, UniqueKillSwitch> SingleBidi<T1, T2>() =>
        new KillableBidi<T1, T2>(NewSwitch);

    /// <summary>A flow that a token ends: with a failure, or by completing.</summary>
    public static IGraph<FlowShape<T, T>, NotUsed> AsFlow<T>(
        CancellationToken cancellationToken,
        bool cancelGracefully = false
    ) =>
        new KillableFlow<T, NotUsed>(() =>
        {
            var signal = new KillSignal();
            signal.EndWith(cancellationToken, cancelGracefully);
            return (signal, NotUsed.Instance);
        });

    private static (KillSignal Signal, UniqueKillSwitch Switch) NewSwitch()
    {
        var signal = new KillSignal();
        return (signal, new UniqueKillSwitch(signal));
    }
}
