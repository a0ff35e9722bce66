using System.Globalization;
using System.Text.Json.Serialization;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Replication;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>Which server has how much of a vDisk, and bringing it here.</summary>
internal sealed class VDiskReplicas(Farm farm, Replicator replicator)
{
    public async Task<CommandResponse> ShowAsync(CommandArguments a, CancellationToken cancellation)
    {
        if (Find(a, out var missing) is not { } vDisk)
            return missing;
        var rows = new List<ReplicaRow>();
        foreach (var version in vDisk.Versions)
            rows.AddRange(
                (await replicator.StatusAsync(version.Image, cancellation)).Select(s => new ReplicaRow(
                    s.Server,
                    version.Number,
                    s.State.ToString().ToLowerInvariant(),
                    s.Percent,
                    s.Detail
                ))
            );
        return a.Print(
            rows,
            ReplicaJson.Default.IReadOnlyListReplicaRow,
            all =>
                Table.Of(
                    ["SERVER", "VERSION", "STATE", "DONE", "DETAIL"],
                    all.Select(r =>
                        (IReadOnlyList<string>)
                            [
                                r.Server,
                                r.Version.ToString(CultureInfo.InvariantCulture),
                                r.State,
                                r.Percent is { } percent ? $"{percent} %" : "-",
                                r.Detail ?? "-",
                            ]
                    )
                )
        );
    }

    /// <summary>Ends when all of it is here, or as soon as it cannot be had; the server goes on trying.</summary>
    public async Task<CommandResponse> FetchAsync(CommandArguments a, IActorRef asker, CancellationToken cancellation)
    {
        if (Find(a, out var missing) is not { } vDisk)
            return missing;
        foreach (var version in vDisk.Versions)
        {
            var reporter = new Reporter($"fetching {vDisk.Name} version {version.Number}", asker);
            var status = await replicator.BringAsync(version.Image, reporter, cancellation);
            if (status.State != ReplicaState.Held)
                return new ErroredCommandResponse(
                    $"vDisk {vDisk.Name} version {version.Number}: {status.Detail}; it is tried again by itself"
                );
        }
        return new CommandResponse($"vDisk {vDisk.Name} is here, all of it verified");
    }

    private VDiskState? Find(CommandArguments a, out CommandResponse missing)
    {
        var wanted = a.ArgumentValues("vdisk").First();
        missing = new ErroredCommandResponse($"no vDisk {wanted}: see pbm vdisk list");
        return farm.View.Current.VDisk(wanted);
    }
}

/// <param name="State">held, arriving, waiting, missing or unreachable.</param>
internal sealed record ReplicaRow(string Server, int Version, string State, int? Percent, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<ReplicaRow>))]
internal sealed partial class ReplicaJson : JsonSerializerContext;
