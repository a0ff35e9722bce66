using System.Diagnostics.CodeAnalysis;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>
/// The name by which a machine asks for its disk: <c>DEVICE.NONCE</c> as an NBD export, the same behind
/// <see cref="IqnPrefix"/> as an iSCSI target (RFC 7143 4.2.7). A ROM with a fixed path leaves the nonce out, and may use the device's name.
/// </summary>
public readonly record struct TargetName(string Device, BootId? Boot)
{
    public const string IqnPrefix = "iqn.2026-01.net.hatchery:";

    public static string Iqn(DeviceId device, BootId boot) => $"{IqnPrefix}{device}.{boot}";

    public static string Export(DeviceId device, BootId boot) => $"{device}.{boot}";

    public static bool TryParse([NotNullWhen(true)] string? text, out TargetName name)
    {
        name = default;
        if (text is null)
            return false;
        var rest = text.StartsWith(IqnPrefix, StringComparison.Ordinal) ? text[IqnPrefix.Length..] : text;
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        var device = dot < 0 ? rest : rest[..dot];
        if (!EntityName.IsValid(device) && !DeviceId.TryParse(device, null, out _))
            return false;
        if (dot < 0)
        {
            name = new(device, null);
            return true;
        }
        var known = BootId.TryParse(rest[(dot + 1)..], null, out var boot);
        name = new(device, boot);
        return known;
    }
}
