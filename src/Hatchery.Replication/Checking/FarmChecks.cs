using Hatchery.Disks;

namespace Hatchery.Replication;

/// <summary>Checks at every server of the farm, this one and those that it knows, over the connections by which images move.</summary>
public sealed class FarmChecks(
    ImageChecks here,
    IPeers peers,
    ReplicationIdentity self,
    ReplicationOptions options,
    TimeProvider time
)
{
    /// <summary>The servers that can be asked, this one first.</summary>
    public IReadOnlyList<string> Servers =>
        [self.Server, .. peers.Current.Select(p => p.Name).Order(StringComparer.Ordinal)];

    /// <summary>What a server has of an image, and of write caches on it. One that cannot be asked says why as its only finding.</summary>
    public Task<IReadOnlyList<CheckFinding>> CheckAsync(
        string server,
        LayerId image,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    ) =>
        server == self.Server
            ? here.CheckAsync(image, progress, cancellation: cancellation)
            : AskAsync(server, FrameKind.Check, image, image, progress, cancellation);

    /// <param name="id">The image, or a write cache on it.</param>
    public async Task<CheckFinding> RepairAsync(
        string server,
        LayerId image,
        LayerId id,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    ) =>
        server == self.Server
            ? await here.RepairAsync(id, progress, cancellation)
            : (await AskAsync(server, FrameKind.Repair, image, id, progress, cancellation))[0];

    private async Task<IReadOnlyList<CheckFinding>> AskAsync(
        string server,
        FrameKind what,
        LayerId image,
        LayerId id,
        IProgress<int>? progress,
        CancellationToken cancellation
    )
    {
        try
        {
            var peer =
                peers.Current.FirstOrDefault(p => p.Name == server)
                ?? throw new PeerException("this server does not know it any more");
            // Nothing of the image comes by this connection: its pace is that of the other server's disk.
            await using var connection = await PeerConnection.ConnectAsync(
                peer,
                self,
                options,
                new(0, time),
                time,
                cancellation
            );
            return await connection.FindingsAsync(what, id, progress, cancellation) is [_, ..] findings
                ? findings
                : throw new PeerException("it says nothing");
        }
        catch (PeerException failed)
        {
            return [new(image, CheckState.Unknown, failed.Message, id == image ? null : id)];
        }
    }
}
