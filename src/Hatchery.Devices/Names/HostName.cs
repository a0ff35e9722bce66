namespace Hatchery.Devices;

/// <summary>What a machine may be called (RFC 1123, section 2.1): labels of letters, digits and inner hyphens, with dots between them.</summary>
public static class HostName
{
    /// <summary>What Linux takes.</summary>
    public const int LengthMax = 64;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= LengthMax
        && name.Split('.')
            .All(label =>
                label.Length is > 0 and <= 63
                && label[0] != '-'
                && label[^1] != '-'
                && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            );
}
