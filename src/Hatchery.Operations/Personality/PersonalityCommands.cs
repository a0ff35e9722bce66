using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>`pbm device personality` and `pbm collection personality`: what machines are told about themselves.</summary>
internal sealed class PersonalityCommands(Farm farm)
{
    public static readonly string[] Actions = ["set", "get", "list", "delete"];

    /// <summary>With room for remarks and for JSON.</summary>
    private const int FileBytesMax = 4 * PersonalityStrings.BytesMax;

    private readonly DeviceAdministration _devices = new(farm);
    private readonly PolicyAdministration _policy = new(farm);

    public Task<CommandResponse> OfDeviceAsync(CommandArguments a)
    {
        var (now, wanted) = (farm.View.Current, a.ArgumentValues("device").First());
        if (now.Device(wanted) is not { } device)
            return No($"no device {wanted}: see pbm device list");
        var inherited = now.CollectionOf(device).Settings.Personality ?? PersonalityStrings.None;
        var own = device.Own.Personality ?? PersonalityStrings.None;
        return RunAsync(
            a,
            new(
                device.Name,
                own,
                inherited,
                change => _devices.ChangeAsync(device.Id, change),
                after => inherited.Under(after).Fault
            )
        );
    }

    public Task<CommandResponse> OfCollectionAsync(CommandArguments a)
    {
        var (now, wanted) = (farm.View.Current, a.ArgumentValues("collection").First());
        if (now.Policy.Collection(wanted) is not { } collection)
            return No($"no collection {wanted}: see pbm collection list");
        return RunAsync(
            a,
            new(
                collection.Name,
                collection.Settings.Personality ?? PersonalityStrings.None,
                null,
                change => _policy.AskAsync(new ChangeCollection(collection.Id, new(Settings: change))),
                after =>
                    now.Devices.Where(d => d.Own.Personality is not null && now.CollectionOf(d) == collection)
                        .Select(d => after.Under(d.Own.Personality!).Fault is { } fault ? $"{d.Name}: {fault}" : null)
                        .FirstOrDefault(fault => fault is not null)
            )
        );
    }

    private static Task<CommandResponse> RunAsync(CommandArguments a, Subject subject)
    {
        var action = a.ArgumentValues("action").First();
        string[] words = [.. a.ArgumentValues("strings")];
        return action switch
        {
            "set" => SetAsync(a, subject, words),
            "get" => Task.FromResult(Get(subject, words)),
            "list" => words.Length == 0 ? Task.FromResult(List(a, subject)) : No("list takes no names: get shows one"),
            "delete" => DeleteAsync(subject, words),
            _ => No($"personality takes {string.Join(", ", Actions)}, not '{action}'"),
        };
    }

    private static async Task<CommandResponse> SetAsync(CommandArguments a, Subject subject, string[] words)
    {
        if (!TryRead(a, words, out var wanted, out var wrong))
            return new ErroredCommandResponse(wrong);
        var after = subject.Own.Under(wanted);
        if ((after.Fault ?? subject.WhyTooMuch(after)) is { } fault)
            return new ErroredCommandResponse(fault);
        foreach (var part in Parts(wanted))
            if (await subject.ChangeAsync(new(Personality: part)) is Reply.Refused refused)
                return new ErroredCommandResponse(refused.Reason);
        return new CommandResponse($"{subject.Name} has {wanted.Count} of these, and {after.Count} of its own in all");
    }

    private static CommandResponse Get(Subject subject, string[] words)
    {
        if (words is not [var name])
            return new ErroredCommandResponse("get takes one name");
        return (subject.Own[name] ?? subject.Inherited?[name]) is { } value
            ? new CommandResponse(value)
            : new ErroredCommandResponse($"{subject.Name} has no {name}");
    }

    private static CommandResponse List(CommandArguments a, Subject subject)
    {
        IReadOnlyList<PersonalityRow> rows =
        [
            .. (subject.Inherited ?? PersonalityStrings.None)
                .Under(subject.Own)
                .Select(v => new PersonalityRow(
                    v.Key,
                    v.Value,
                    subject.Inherited is null ? null
                        : subject.Own[v.Key] is null ? PolicyRows.OfCollection
                        : PolicyRows.Device
                )),
        ];
        return a.Print(
            rows,
            RowJson.Default.IReadOnlyListPersonalityRow,
            all =>
                Table.Of(
                    subject.Inherited is null ? ["NAME", "VALUE"] : ["NAME", "FROM", "VALUE"],
                    all.Select(r =>
                        (IReadOnlyList<string>)(
                            r.From is null ? [r.Name, Line(r.Value)] : [r.Name, r.From, Line(r.Value)]
                        )
                    )
                )
        );
    }

    private static async Task<CommandResponse> DeleteAsync(Subject subject, string[] names)
    {
        if (names.Length == 0)
            return new ErroredCommandResponse("delete takes the names to delete");
        if (Array.Find(names, n => subject.Own[n] is null && subject.Inherited?[n] is not null) is { } inherited)
            return new ErroredCommandResponse(
                $"{subject.Name} has {inherited} from its collection: pbm collection personality delete"
            );
        return Failures.Answer(
            await subject.ChangeAsync(new(WithoutPersonality: names)),
            $"{subject.Name} has no {string.Join(", ", names)} of its own"
        );
    }

    private static bool TryRead(CommandArguments a, string[] words, out PersonalityStrings wanted, out string wrong)
    {
        (wanted, wrong) = (PersonalityStrings.None, "set takes NAME=VALUE, or --file with a file on the server");
        if (a.Optional("file") is { } path)
        {
            if (!Path.IsPathRooted(path))
            {
                wrong = ImageImports.NotAbsolute(path);
                return false;
            }
            if (BoundedFile.Read(path, FileBytesMax, out var bytes) is { } unreadable)
            {
                wrong = unreadable;
                return false;
            }
            if (!PersonalityText.TryParse(bytes, out var read, out var error))
            {
                wrong = $"{path}: {error}";
                return false;
            }
            wanted = read;
        }
        foreach (var word in words)
        {
            if (!PersonalityText.TryParse(word, out var pair, out var error))
            {
                wrong = error;
                return false;
            }
            wanted = wanted.Under(PersonalityStrings.Of([pair]));
        }
        return wanted.Count > 0;
    }

    /// <summary>As many as go into one change; one that is too large by itself is refused there.</summary>
    private static IEnumerable<PersonalityStrings> Parts(PersonalityStrings wanted)
    {
        var part = PersonalityStrings.None;
        foreach (var pair in wanted)
        {
            var more = part.Under(PersonalityStrings.Of([pair]));
            if (part.Count > 0 && more.Bytes > MachineSettings.PersonalityChangeBytesMax)
            {
                yield return part;
                more = PersonalityStrings.Of([pair]);
            }
            part = more;
        }
        yield return part;
    }

    private static string Line(string value) =>
        value.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);

    private static Task<CommandResponse> No(string why) =>
        Task.FromResult<CommandResponse>(new ErroredCommandResponse(why));

    /// <param name="Inherited">What a device has from its collection; null of a collection itself.</param>
    private sealed record Subject(
        string Name,
        PersonalityStrings Own,
        PersonalityStrings? Inherited,
        Func<MachineSettingsChange, Task<Reply>> ChangeAsync,
        Func<PersonalityStrings, string?> WhyTooMuch
    );
}

/// <param name="From">device or collection; null where it is shown of a collection itself.</param>
internal sealed record PersonalityRow(string Name, string Value, string? From);
