using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>`pbm vdisk version`: the states of a vDisk, and who boots which.</summary>
internal sealed partial class VDiskVersions(Farm farm, Store store, ImageImports imports)
{
    public const string Production = "production";

    public static readonly string[] Actions =
    [
        "list",
        "create",
        "close",
        "promote",
        "canary",
        "revert",
        "override",
        "merge",
        "delete",
    ];

    private readonly VDiskAdministration _vDisks = new(farm);

    public Task<CommandResponse> RunAsync(CommandArguments a, IActorRef asker, CancellationToken cancellation)
    {
        var (action, wanted) = (a.ArgumentValues("action").First(), a.ArgumentValues("vdisk").First());
        if (!Actions.Contains(action, StringComparer.Ordinal))
            return No($"version takes {string.Join(", ", Actions)}, not '{action}'");
        return farm.View.Current.VDisk(wanted) is not { } vDisk
            ? No($"no vDisk {wanted}: see pbm vdisk list")
            : action switch
            {
                "list" => Task.FromResult(List(a, vDisk)),
                "create" => CreateAsync(a, vDisk, asker, cancellation),
                "close" => CloseAsync(a, vDisk, asker, cancellation),
                "promote" => PromoteAsync(a, vDisk, asker, cancellation),
                "merge" => MergeAsync(a, vDisk, asker, cancellation),
                "canary" => Task.FromResult(ShowCanary(a, vDisk)),
                "revert" => RevertAsync(a, vDisk),
                "override" => OverrideAsync(a, vDisk),
                _ => DeleteAsync(a, vDisk),
            };
    }

    /// <summary>The version that is named, or what is in production.</summary>
    public static bool TryFind(
        CommandArguments a,
        VDiskState vDisk,
        [NotNullWhen(true)] out VDiskVersion? version,
        out CommandResponse missing
    )
    {
        version = vDisk.Production;
        missing = new ErroredCommandResponse($"vDisk {vDisk.Name} has no version in production");
        if (!TryReadNumber(a, out var number, out var wrong))
        {
            missing = new ErroredCommandResponse(wrong);
            return false;
        }
        if (number is not { } wanted)
            return version is not null;
        missing = new ErroredCommandResponse(
            $"{vDisk.Name} has no version {wanted}: see pbm vdisk version list {vDisk.Name}"
        );
        version = vDisk.Version(wanted);
        return version is not null;
    }

    private CommandResponse List(CommandArguments a, VDiskState vDisk) =>
        a.Print(
            Rows.Of(
                vDisk,
                farm.View.Current,
                madePercent: vDisk.Making is { } making ? Progress(vDisk, making).Percent : 0
            ).Versions,
            RowJson.Default.IReadOnlyListVersionRow,
            versions =>
                string.Join(
                    '\n',
                    [Describe(versions), .. versions.Select(v => v.Canary?.Line(vDisk.Name)).OfType<string>()]
                )
        );

    /// <summary>The canary that is under way, or the latest that has ended.</summary>
    private CommandResponse ShowCanary(CommandArguments a, VDiskState vDisk)
    {
        var of = vDisk.Canary is { } running
            ? vDisk.Version(running.Number)
            : vDisk.Versions.Where(v => v.Tried is not null).MaxBy(v => v.Tried!.At);
        return of is null || CanaryRow.Of(vDisk, of, farm.View.Current, withMachines: true) is not { } row
            ? new ErroredCommandResponse(
                $"no version of {vDisk.Name} was ever tried: pbm vdisk version promote {vDisk.Name} --canary 10%"
            )
            : a.Print(
                row,
                RowJson.Default.CanaryRow,
                r =>
                    r.Machines is { Count: > 0 } machines
                        ? r.Line(vDisk.Name)
                            + "\n\n"
                            + Table.Of(
                                ["MACHINE", "STATE", "SINCE (UTC)", "BOOTS", "WHY"],
                                machines.Select(m =>
                                    (IReadOnlyList<string>)
                                        [m.Name, m.State, Clock.Text(m.Since), $"{m.Boots}", m.Why ?? "-"]
                                )
                            )
                        : r.Line(vDisk.Name)
            );
    }

    private async Task<CommandResponse> CreateAsync(
        CommandArguments a,
        VDiskState vDisk,
        IActorRef asker,
        CancellationToken cancellation
    )
    {
        if (a.Optional("from-private") is { } device)
            return await CreateFromAsync(a, vDisk, device, asker, cancellation);
        if (a.Optional("file") is null)
            return await OpenAsync(a, vDisk);
        if (ImageImports.WhyNot(a) is { } wrong)
            return new ErroredCommandResponse(wrong);
        // Asked before anything long begins; the vDisk itself decides in the end.
        var wanted = new AddVersion(
            vDisk.Id,
            new(farm.Services.NewGuid()),
            0,
            "",
            a.Optional("kernel") is not null,
            a.Optional("arguments") ?? vDisk.Production?.KernelArguments,
            By: a.Optional("by"),
            Note: a.Optional("note")
        );
        var now = farm.Services.Time.GetUtcNow();
        if (VDiskRules.Decide(vDisk, wanted, now, farm.View.Current, _ => []).Refused is { } refused)
            return new ErroredCommandResponse(refused.Reason);
        var imported = await imports.RunAsync(
            vDisk.Name,
            a,
            vDisk.SectorBytes ?? VDiskImages.UsualSectorBytes,
            new Reporter($"importing {vDisk.Name}", asker),
            cancellation
        );
        if (imported.Value is not { } image)
            return new ErroredCommandResponse(imported.Fault!.ToString());
        var reply = await _vDisks.AskAsync(
            wanted with
            {
                Image = image.Layer,
                SizeBytes = image.LengthBytes,
                Sha256 = image.Sha256,
            }
        );
        if (reply is Reply.Refused)
            store.DeleteImage(image.Layer);
        var made = farm.View.Current.VDisk(vDisk.Id)?.Versions.FirstOrDefault(v => v.Image == image.Layer);
        return Failures.Answer(
            reply,
            $"{vDisk.Name} version {made?.Number}: in maintenance, {Sizes.Text(image.LengthBytes)}, hash {image.Sha256}"
        );
    }

    private async Task<CommandResponse> PromoteAsync(
        CommandArguments a,
        VDiskState vDisk,
        IActorRef asker,
        CancellationToken cancellation
    )
    {
        if (!TryReadNumber(a, out var number, out var wrong))
            return new ErroredCommandResponse(wrong);
        VersionAccess? to = a.Optional("to") switch
        {
            null => null,
            "test" => VersionAccess.Test,
            Production => VersionAccess.Production,
            _ => VersionAccess.Retired,
        };
        if (to == VersionAccess.Retired)
            return new ErroredCommandResponse($"--to takes test or production, not '{a.Optional("to")}'");
        if (a.Optional("canary") is not null)
            return await StartCanaryAsync(a, vDisk, number);
        DateTimeOffset? from = null;
        if (a.Optional("at") is { } text)
        {
            if (!Clock.TryParse(text, out DateTimeOffset at))
                return new ErroredCommandResponse(
                    $"'{text}' is no time: 2026-12-24T03:00 is UTC, 2026-12-24T03:00+02:00 is not"
                );
            if (at <= farm.Services.Time.GetUtcNow())
                return new ErroredCommandResponse($"{Clock.Text(at)} UTC is over: without --at it is promoted now");
            (from, to) = (at, to ?? VersionAccess.Production);
        }
        var reply = await _vDisks.AskAsync(new PromoteVersion(vDisk.Id, number, to, from, a.Optional("by")));
        // What a machine wrote is made a layer first.
        if (
            reply is Reply.Done
            && farm.View.Current.VDisk(vDisk.Id)?.Making is { } making
            && (number ?? making.Number) == making.Number
        )
            return await MadeAsync(vDisk.Id, making.Number, asker, cancellation);
        return Failures.Answer(reply, Standing(vDisk.Id));
    }

    private async Task<CommandResponse> StartCanaryAsync(CommandArguments a, VDiskState vDisk, int? number)
    {
        if (a.Optional("to") is not null || a.Optional("at") is not null)
            return new ErroredCommandResponse("--canary is for production and begins now: leave out --to and --at");
        if (CanaryWords.Read(a, farm.View.Current, out var wrong) is not { } plan)
            return new ErroredCommandResponse(wrong);
        var reply = await _vDisks.AskAsync(new StartCanary(vDisk.Id, number, plan, a.Optional("by")));
        return Failures.Answer(
            reply,
            farm.View.Current.VDisk(vDisk.Id) is { Canary: { } canary } now && now.Version(canary.Number) is { } version
                ? $"{CanaryRow.Of(now, version, farm.View.Current)!.Line(vDisk.Name)}; see pbm vdisk version canary {vDisk.Name}"
                : Standing(vDisk.Id)
        );
    }

    private async Task<CommandResponse> RevertAsync(CommandArguments a, VDiskState vDisk) =>
        Failures.Answer(await _vDisks.AskAsync(new RevertVersion(vDisk.Id, a.Optional("by"))), Standing(vDisk.Id));

    private async Task<CommandResponse> OverrideAsync(CommandArguments a, VDiskState vDisk)
    {
        if (!TryReadNumber(a, out var number, out var wrong))
            return new ErroredCommandResponse(wrong);
        var none = a.ArgumentValues("none").Any();
        if (a.Optional("collection") is not { } wanted || number is null != none)
            return new ErroredCommandResponse("override takes --collection with --version or --none");
        if (farm.View.Current.Policy.Collection(wanted) is not { } collection)
            return new ErroredCommandResponse($"no collection {wanted}: see pbm collection list");
        var reply = await _vDisks.AskAsync(new PinCollection(vDisk.Id, collection.Id, number, a.Optional("by")));
        return Failures.Answer(
            reply,
            none
                ? $"devices of {collection.Name} boot the version of {vDisk.Name} that is in production, from their next boot on"
                : $"devices of {collection.Name} boot {vDisk.Name} version {number}, from their next boot on"
        );
    }

    private async Task<CommandResponse> DeleteAsync(CommandArguments a, VDiskState vDisk)
    {
        if (!TryReadNumber(a, out var number, out var wrong))
            return new ErroredCommandResponse(wrong);
        if (number is not { } which)
            return new ErroredCommandResponse("delete takes --version");
        return Failures.Answer(
            await _vDisks.DeleteVersionAsync(vDisk, which, a.Optional("by")),
            $"{vDisk.Name} version {which} deleted"
        );
    }

    /// <summary>How a vDisk stands after a command.</summary>
    private string Standing(VDiskId id)
    {
        var vDisk = farm.View.Current.VDisk(id)!;
        var test = vDisk.Versions.LastOrDefault(v => v.Access == VersionAccess.Test);
        return $"{vDisk.Name}: version {vDisk.Production?.Number} is in production"
            + (test is null ? "" : $", version {test.Number} in test")
            + (
                vDisk.Scheduled is { } s
                    ? $", version {s.Number} comes into production at {Clock.Text(s.From)} UTC"
                    : ""
            )
            + "; machines that run go on, and see it at their next boot";
    }

    private static string Describe(IReadOnlyList<VersionRow> versions) =>
        Table.Of(
            ["VERSION", "ACCESS", "SIZE", "ON", "KERNEL", "ADDED (UTC)", "IN USE BY", "PINNED BY", "BY", "NOTE"],
            versions.Select(v =>
                (IReadOnlyList<string>)
                    [
                        $"{v.Number}",
                        AccessOf(v),
                        Sizes.Text(v.SizeBytes),
                        v.Parent is { } parent ? $"{parent}" : "-",
                        v.Kernel ? "yes" : "no",
                        Clock.Text(v.AddedAt),
                        $"{v.UsedBy?.Count}",
                        v.PinnedBy is { Count: > 0 } pins ? string.Join(' ', pins) : "-",
                        v.AddedBy ?? "-",
                        v.Note ?? "-",
                    ]
            )
        );

    private static string AccessOf(VersionRow v) =>
        v.ScheduledFrom is { } at ? $"{v.Access}, production at {Clock.Text(at)}"
        : v.BecomesNext is { } next ? $"{v.Access}, {next}"
        : v.Canary is { Reason: null } canary ? $"{v.Access}, canary {canary.State}"
        : v.Canary is { State: "returned" } ? $"{v.Access}, returned from"
        : v.Access;

    private static bool TryReadNumber(CommandArguments a, out int? number, out string wrong)
    {
        (number, wrong) = (null, "");
        if (a.Optional("version") is not { } text)
            return true;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
        {
            number = parsed;
            return true;
        }
        wrong = $"'{text}' is no number of a version";
        return false;
    }

    private static Task<CommandResponse> No(string why) =>
        Task.FromResult<CommandResponse>(new ErroredCommandResponse(why));
}
