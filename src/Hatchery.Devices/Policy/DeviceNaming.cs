using System.Globalization;
using Hatchery.Wire;

namespace Hatchery.Devices;

/// <summary>How a collection names machines that it takes in by itself: a template with <c>{collection}</c>, <c>{mac}</c> and <c>{n}</c>,
/// the lowest number from 1 that is free.</summary>
public static class DeviceNaming
{
    public const string Default = "{mac}";

    private const int NumberMax = 1_000_000;

    /// <summary>More names than are free in the farm view and claimed all the same, by what others are adding right now.</summary>
    private const int TriesMax = 64;

    public const string Rule =
        "a device name with {mac} or {n} in it, e.g. {collection}-{n}, that stays a name with five digits for {n}";

    public static bool IsNumbered(string template) => template.Contains("{n}", StringComparison.Ordinal);

    public static string Name(string template, string collection, MacAddress mac, int number) =>
        template
            .Replace("{collection}", collection, StringComparison.Ordinal)
            .Replace("{mac}", mac.ToString().Replace(':', '-'), StringComparison.Ordinal)
            .Replace("{n}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>Names that a machine may get, the best first: valid and nobody's in the farm view.</summary>
    public static IEnumerable<string> Free(FarmSnapshot farm, Collection collection, MacAddress mac) =>
        Enumerable
            .Range(1, IsNumbered(collection.NameTemplate) ? NumberMax : 1)
            .Select(number => Name(collection.NameTemplate, collection.Name, mac, number))
            .TakeWhile(EntityName.IsValid)
            .Where(name => !farm.IsDeviceName(name))
            .Take(TriesMax);

    public static bool IsTemplate(string template, string collection) =>
        (IsNumbered(template) || template.Contains("{mac}", StringComparison.Ordinal))
        && EntityName.IsValid(Name(template, collection, default, 99_999));
}
