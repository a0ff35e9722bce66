using System.Collections.Immutable;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>`pbm device secret`: what a machine keeps with the farm that is for it alone. No command shows one.</summary>
internal sealed class SecretCommands(Farm farm, FarmKey? key)
{
    public static readonly string[] Actions = ["set", "list", "delete"];

    public async Task<CommandResponse> RunAsync(CommandArguments a)
    {
        var (action, wanted) = (a.ArgumentValues("action").First(), a.ArgumentValues("device").First());
        if (farm.View.Current.Device(wanted) is not { } device)
            return new ErroredCommandResponse($"no device {wanted}: see pbm device list");
        string[] names = [.. a.ArgumentValues("names")];
        return action switch
        {
            "set" => await SetAsync(a, device, names),
            "list" => List(a, device),
            "delete" when names.Length > 0 => Failures.Answer(
                await farm.AskAsync(farm.Devices, new RemoveSecrets(device.Id, [.. names])),
                $"{device.Name} has no {string.Join(", ", names)}"
            ),
            "delete" => new ErroredCommandResponse("delete takes the names to delete"),
            _ => new ErroredCommandResponse($"secret takes {string.Join(", ", Actions)}, not '{action}'"),
        };
    }

    private async Task<CommandResponse> SetAsync(CommandArguments a, DeviceState device, string[] names)
    {
        if (names is not [var name] || PersonalityStrings.WhyNotName(name) is not null)
            return new ErroredCommandResponse(
                names is [var given]
                    ? PersonalityStrings.WhyNotName(given)!
                    : "set takes one name, and the secret by --stdin or --file"
            );
        if (key is null)
            return new ErroredCommandResponse(
                "this server has no key to seal secrets with: see hatchery.secrets.key-file, or ask another server"
            );
        if (!TryRead(a, out var secret, out var wrong))
            return new ErroredCommandResponse(wrong);
        if (secret.Length is 0 or > SealedSecret.BytesMax)
            return new ErroredCommandResponse($"a secret has 1 to {SealedSecret.BytesMax} bytes");
        var box = key.Seal(farm.Identity.Farm, device.Id, name, secret, farm.Services.Time.GetUtcNow());
        return Failures.Answer(
            await farm.AskAsync(farm.Devices, new SetSecret(device.Id, box)),
            $"{device.Name} has {name}, {secret.Length} bytes, from its next boot on"
        );
    }

    private static bool TryRead(CommandArguments a, out byte[] secret, out string wrong)
    {
        (secret, wrong) = ([], "a secret comes by --stdin or by --file, one of them");
        var (file, typed) = (a.Optional("file"), a.Optional("stdin"));
        if (file is null == typed is null)
            return false;
        if (typed is not null)
        {
            wrong = "--stdin is for pbm itself to fill in: pipe the secret into it";
            secret = new byte[typed.Length];
            if (!Convert.TryFromBase64String(typed, secret, out var length))
                return false;
            secret = secret[..length];
            return true;
        }
        wrong = Path.IsPathRooted(file!)
            ? BoundedFile.Read(file!, SealedSecret.BytesMax, out secret) ?? ""
            : ImageImports.NotAbsolute(file!);
        return wrong.Length == 0;
    }

    private CommandResponse List(CommandArguments a, DeviceState device)
    {
        IReadOnlyList<SecretRow> rows =
        [
            .. device.OwnSecrets.Sealed.Select(s => new SecretRow(s.Name, s.SetAt, s.Key, key?.Has(s.Key) ?? false)),
        ];
        return a.Print(
            rows,
            RowJson.Default.IReadOnlyListSecretRow,
            all =>
                Table.Of(
                    ["NAME", "SET (UTC)", "KEY", "KEY HERE"],
                    all.Select(s =>
                        (IReadOnlyList<string>)[s.Name, Clock.Text(s.SetAt), s.Key, s.IsKeyHere ? "yes" : "no"]
                    )
                )
        );
    }
}

/// <param name="Key">Which of the farm's keys it is sealed with.</param>
/// <param name="IsKeyHere">The server that was asked has it.</param>
internal sealed record SecretRow(string Name, DateTimeOffset SetAt, string Key, bool IsKeyHere);
