using System.Net;

namespace Hatchery.Replication;

/// <summary>Another server of the farm, and where it gives images out.</summary>
/// <param name="Host">An address, or a name that the host can look up.</param>
public sealed record Peer(string Name, string Host, int Port)
{
    public override string ToString() => $"{Name} ({Host}:{Port})";
}

/// <summary>Who the other servers are, at this moment.</summary>
public interface IPeers
{
    IReadOnlyList<Peer> Current { get; }
}

/// <summary>Those that the configuration names, this server left out: one file may serve all.</summary>
public sealed class StaticPeers(IEnumerable<Peer> peers, string self) : IPeers
{
    public IReadOnlyList<Peer> Current { get; } = [.. peers.Where(p => p.Name != self)];
}
