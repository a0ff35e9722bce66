using System.Collections.Concurrent;
using Akka.Coordination;

namespace Akka.Cluster.Sharding.Tests.Support;

/// <summary>A lease that the systems of this process share, and that a test can take away.</summary>
public sealed class ProcessLease(LeaseSettings settings) : Lease(settings)
{
    private static readonly ConcurrentDictionary<string, ProcessLease> Holders = new(StringComparer.Ordinal);

    private Action<Exception?> _lost = _ => { };

    public static string? Holder(string name) => Holders.GetValueOrDefault(name)?.Settings.OwnerName;

    public static IEnumerable<string> Names(string system) =>
        Holders.Keys.Where(name => name.StartsWith(system, StringComparison.Ordinal));

    /// <summary>Somebody else has it from now on, who never gives it back.</summary>
    public static void TakeAway(string name)
    {
        if (!Holders.TryRemove(name, out var holder))
            throw new InvalidOperationException($"nobody holds {name}");
        Holders[name] = new(new(name, "somebody else", holder.Settings.TimeoutSettings, holder.Settings.LeaseConfig));
        holder._lost(new LeaseException("taken away"));
    }

    public static void GiveBack(string name) => Holders.TryRemove(name, out _);

    public override Task<bool> Acquire() => Acquire(_ => { });

    public override Task<bool> Acquire(Action<Exception?> leaseLostCallback)
    {
        _lost = leaseLostCallback;
        return Task.FromResult(ReferenceEquals(Holders.GetOrAdd(Settings.LeaseName, this), this));
    }

    public override Task<bool> Release() =>
        Task.FromResult(Holders.TryRemove(KeyValuePair.Create(Settings.LeaseName, this)));

    public override bool CheckLease() => ReferenceEquals(Holders.GetValueOrDefault(Settings.LeaseName), this);
}
