using System.Security.Cryptography;
using System.Text;
using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests.Secrets;

public sealed class FarmKeyTests(ITestOutputHelper output) : IDisposable
{
    private static readonly FarmId s_farm = new(Guid.NewGuid());
    private static readonly DeviceId s_device = new(Guid.NewGuid());
    private static readonly byte[] s_secret = Encoding.UTF8.GetBytes("hunter2\0ž");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sealed_secret_is_opened_for_its_device_and_name_alone()
    {
        var key = Key(Line());
        var box = key.Seal(s_farm, s_device, "JOIN", s_secret, default);
        Assert.Equal(s_secret, key.Open(s_farm, s_device, box));
        Assert.Null(key.Open(s_farm, s_device, box with { Name = "OTHER" }));
        Assert.Null(key.Open(s_farm, new(Guid.NewGuid()), box));
        Assert.Null(key.Open(new(Guid.NewGuid()), s_device, box));
        Assert.Null(Key(Line()).Open(s_farm, s_device, box));
        Assert.DoesNotContain("hunter2", Encoding.Latin1.GetString(box.Sealed), StringComparison.Ordinal);
        Assert.NotEqual(box.Sealed, key.Seal(s_farm, s_device, "JOIN", s_secret, default).Sealed);
    }

    [Fact]
    public void New_key_seals_and_the_old_one_still_opens()
    {
        var (old, added) = (Line(), Line());
        var before = Key(old).Seal(s_farm, s_device, "JOIN", s_secret, default);
        var both = Key($"# since May\n{added}\n\n{old}");
        var after = both.Seal(s_farm, s_device, "JOIN", s_secret, default);
        Assert.Equal((true, true), (both.Has(before.Key), both.Has(after.Key)));
        Assert.Equal(s_secret, both.Open(s_farm, s_device, before));
        Assert.Equal(s_secret, Key(added).Open(s_farm, s_device, after));
        Assert.False(Key(old).Has(after.Key));
    }

    [Fact]
    public void Damaged_secret_is_not_opened()
    {
        var random = Seed.New(output, 1);
        var key = Key(Line());
        var box = key.Seal(s_farm, s_device, "JOIN", s_secret, default);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = box.Sealed.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Null(key.Open(s_farm, s_device, box with { Sealed = bytes[..random.Next(bytes.Length)] }));
            Assert.Null(key.Open(s_farm, s_device, box with { Sealed = bytes }));
        }
    }

    [Theory]
    [InlineData("", "has no key")]
    [InlineData("# none\n", "has no key")]
    [InlineData("c2hvcnQ=", "a line that is no key")]
    [InlineData("not base64!", "a line that is no key")]
    public void File_without_a_key_is_refused_with_what_to_do(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<IOException>(() => Key(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void File_that_others_can_read_is_refused()
    {
        _ = Key(Line());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["key"], (UnixFileMode)0b110_100_000);
        var refused = Assert.Throws<IOException>(() => FarmKey.Read(_folder["key"]));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    private static string Line() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private FarmKey Key(string text)
    {
        File.WriteAllText(_folder["key"], text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return FarmKey.Read(_folder["key"]);
    }
}
