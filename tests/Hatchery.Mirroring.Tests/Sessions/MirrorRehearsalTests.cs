using Hatchery.Testing;

namespace Hatchery.Mirroring.Tests;

public sealed class MirrorRehearsalTests
{
    [Fact]
    public async Task It_comes_to_its_end_and_leaves_nothing_behind()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["rehearsal"]);
        await File.WriteAllTextAsync(Path.Combine(folder["rehearsal"], "left"), "by one that was killed");
        Assert.True(await MirrorRehearsal.RunAsync(folder["rehearsal"], TimeProvider.System, CancellationToken.None));
        Assert.False(Directory.Exists(folder["rehearsal"]));
    }
}
