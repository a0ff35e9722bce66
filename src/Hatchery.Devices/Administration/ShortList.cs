namespace Hatchery.Devices;

/// <summary>Names in a sentence: the first few of many.</summary>
internal static class ShortList
{
    private const int ShownMax = 5;

    public static string Of(IEnumerable<string> names)
    {
        string[] all = [.. names.Take(ShownMax + 1)];
        return string.Join(", ", all.Take(ShownMax)) + (all.Length > ShownMax ? ", ..." : "");
    }
}
