using System.Globalization;
using Xunit.Abstractions;

namespace Hatchery.Testing;

/// <summary>Seeded randomness whose seed stands in the test's output; HATCHERY_SEED repeats a run.</summary>
public static class Seed
{
    public static Random New(ITestOutputHelper output, int? fixedSeed = null)
    {
        var asked = Environment.GetEnvironmentVariable("HATCHERY_SEED");
        var seed = asked is not null
            ? int.Parse(asked, CultureInfo.InvariantCulture)
            : fixedSeed ?? Environment.TickCount;
        output.WriteLine($"HATCHERY_SEED={seed}");
        return new Random(seed);
    }
}
