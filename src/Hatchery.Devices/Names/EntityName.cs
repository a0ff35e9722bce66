namespace Hatchery.Devices;

/// <summary>
/// What operators call devices and vDisks: 1 to 63 lower-case letters, digits and inner hyphens, as a DNS label (RFC 1123).
/// A name is never 32 hexadecimal digits, so that it cannot be taken for an id.
/// </summary>
public static class EntityName
{
    public const int LengthMax = 63;

    public const string Rule = "1 to 63 lower-case letters, digits and inner hyphens, and not 32 hexadecimal digits";

    public static bool IsValid(string? name)
    {
        if (name is not { Length: >= 1 and <= LengthMax } || name[0] == '-' || name[^1] == '-')
            return false;
        return name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && !(name.Length == 32 && name.All(char.IsAsciiHexDigit));
    }
}
