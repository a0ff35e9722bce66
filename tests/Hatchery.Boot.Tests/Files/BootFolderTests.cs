using Hatchery.Boot.Files;
using Hatchery.Testing;

namespace Hatchery.Boot.Tests.Files;

public sealed class BootFolderTests : IDisposable
{
    private readonly TempFolder _outside = new();
    private readonly TempFolder _inside = new();

    public BootFolderTests()
    {
        File.WriteAllText(_outside["secret"], "secret");
        File.WriteAllText(_inside["kernel"], "kernel");
        Directory.CreateDirectory(_inside["folder"]);
        File.WriteAllText(_inside["folder/initrd"], "initrd");
    }

    public void Dispose()
    {
        _outside.Dispose();
        _inside.Dispose();
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("/kernel")]
    [InlineData("folder/initrd")]
    [InlineData("folder/../kernel")]
    public void A_file_inside_is_opened(string name)
    {
        using var content = new BootFolder(_inside.Path).TryOpen(name);
        Assert.Equal(6, content!.LengthBytes);
    }

    [Fact]
    public void A_link_that_stays_inside_is_followed()
    {
        File.CreateSymbolicLink(_inside["link"], "folder/initrd");
        using var content = new BootFolder(_inside.Path).TryOpen("link");
        Assert.NotNull(content);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("..")]
    [InlineData("folder")]
    [InlineData("missing")]
    [InlineData("kernel\0.txt")]
    [InlineData("../../../../../etc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("folder/../../../etc/passwd")]
    public void Nothing_else_is_opened(string name) => Assert.Null(new BootFolder(_inside.Path).TryOpen(name));

    [Fact]
    public void A_link_that_leads_out_is_refused()
    {
        File.CreateSymbolicLink(_inside["link"], _outside["secret"]);
        Directory.CreateSymbolicLink(_inside["way"], _outside.Path);
        Assert.Null(new BootFolder(_inside.Path).TryOpen("link"));
        Assert.Null(new BootFolder(_inside.Path).TryOpen("way/secret"));
    }

    [Fact]
    public void A_neighbour_whose_name_begins_alike_is_outside()
    {
        Directory.CreateDirectory(_inside["a"]);
        Directory.CreateDirectory(_inside["ab"]);
        File.WriteAllText(_inside["ab/file"], "x");
        Assert.Null(new BootFolder(_inside["a"]).TryOpen("../ab/file"));
    }

    [Fact]
    public void A_trusted_name_may_be_a_link_to_elsewhere()
    {
        File.CreateSymbolicLink(_inside["ipxe.efi"], _outside["secret"]);
        using var content = new BootFolder(_inside.Path, ["ipxe.efi"]).TryOpen("/ipxe.efi");
        Assert.NotNull(content);
    }

    [ToolFact("mkfifo")]
    public async Task A_pipe_is_refused_without_waiting()
    {
        await Tool.RunAsync("mkfifo", [_inside["pipe"]]);
        Assert.Null(new BootFolder(_inside.Path).TryOpen("pipe"));
    }

    [Fact]
    public void A_folder_that_is_missing_has_no_files() => Assert.Null(new BootFolder("/nowhere").TryOpen("kernel"));
}
