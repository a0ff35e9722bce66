using Hatchery.Devices;
using Hatchery.Replication;

namespace Hatchery.Server;

/// <summary>The servers that the configuration names, and those that tell of themselves over the cluster.</summary>
/// <param name="named">The word of the configuration holds where a server is in both.</param>
internal sealed class FarmPeers(IReadOnlyList<Peer> named, ServerDirectory servers) : IPeers
{
    public IReadOnlyList<Peer> Current
    {
        get
        {
            var all = servers.All;
            var self = all[0].Status.Name;
            return
            [
                .. named.Where(p => p.Name != self),
                .. all.Where(s =>
                        s is { IsSelf: false, State: ServerState.Up, Status.ReplicationPort: > 0 }
                        && named.All(p => p.Name != s.Status.Name)
                    )
                    .Select(s => new Peer(s.Status.Name, s.Status.Address, s.Status.ReplicationPort)),
            ];
        }
    }
}
