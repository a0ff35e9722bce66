using System.Net;
using System.Text;
using Hatchery.Boot.Http;

namespace Hatchery.Boot.Script;

/// <summary>Plans as iPXE scripts. Every server of the farm stands in them, so that a machine boots while one answers.</summary>
internal sealed class IpxeScript(HttpBootSettings settings)
{
    /// <param name="servers">At least one; the first is tried first.</param>
    /// <param name="attempt">How often this machine asked before, as its own script counts.</param>
    /// <param name="refusal">Why the plan could not be written, null where it could; the script then says so itself.</param>
    public string Render(
        BootPlan plan,
        BootClient client,
        IReadOnlyList<BootServer> servers,
        int attempt,
        out string? refusal
    )
    {
        refusal = plan switch
        {
            BootPlan.San san when !IpxeText.IsTargetName(san.TargetName) => "its target name is no iSCSI name",
            BootPlan.Kernel kernel when !IpxeText.IsPath(kernel.KernelPath) => "the kernel's path is no plain path",
            BootPlan.Kernel kernel when !IpxeText.IsPath(kernel.InitrdPath) => "the initramfs' path is no plain path",
            BootPlan.Kernel kernel when !KernelArguments.AreSafe(kernel.Arguments, out var reason) =>
                $"the kernel's command line cannot stand in a script: {reason}",
            _ => null,
        };
        var shown = refusal is null ? plan : new BootPlan.Nothing($"the farm's plan is not usable: {refusal}");
        var script = new StringBuilder("#!ipxe\n");
        switch (shown)
        {
            case BootPlan.San san:
                Say(script, san.DeviceName, "boots from its disk");
                foreach (var some in (san.Servers ?? servers).Chunk(SanPathsMax))
                    script.Append(
                        $"sanboot {string.Join(' ', some.Select(server => San(server, san.TargetName)))} || "
                    );
                script.Append("goto failed\n");
                break;
            case BootPlan.Kernel kernel:
                Say(script, kernel.DeviceName, "boots a kernel");
                Fetch(script, "kernel --name kernel", kernel.KernelPath, Arguments(kernel), kernel.Servers ?? servers);
                Fetch(script, "initrd --name initrd", kernel.InitrdPath, "", kernel.Servers ?? servers);
                script.Append("boot || goto failed\n");
                break;
            case BootPlan.Nothing nothing:
                Wait(script, nothing.Reason, client, servers, attempt);
                return script.ToString();
        }
        script.Append(":failed\necho Hatchery: that failed, trying again\nimgfree ||\n");
        AskUntilAnswered(script, client, servers, attempt + 1, firstPause: 1 << Math.Min(attempt, s_pauses.Length));
        return script.ToString();
    }

    /// <summary>For machines that come with one script for all: it asks for the machine's own.</summary>
    public static string Generic(IReadOnlyList<BootServer> servers)
    {
        var script = new StringBuilder("#!ipxe\nset arch 0\niseq ${platform} efi && set arch 7 ||\n");
        script.Append("iseq ${buildarch} arm64 && set arch 11 ||\n");
        var lines = servers.Select(s => $"http://{HostOf(s)}/boot/${{netX/mac:hexhyp}}?uuid=${{uuid}}&arch=${{arch}}");
        Loop(script, lines, firstPause: 1);
        return script.ToString();
    }

    /// <summary>The table in which iPXE tells the operating system of its disk has room for two ways to it, and no disk is booted of which there are more.</summary>
    private const int SanPathsMax = 2;

    private const int LongestPause = 16;
    private static readonly int[] s_pauses = [1, 2, 4, 8];

    private int Seconds => Math.Max(1, (int)settings.RetryAfter.TotalSeconds);

    private static void Say(StringBuilder script, string device, string what) =>
        script.Append($"echo Hatchery: {IpxeText.Remark(device)} {what}\n");

    private string San(BootServer server, string target) =>
        $"iscsi:{UrlHost(server.Address)}::{server.IscsiPort}:{settings.Lun}:{target}";

    /// <summary>UEFI kernels find their initramfs by this argument only; others do not mind it.</summary>
    private static string Arguments(BootPlan.Kernel kernel) =>
        kernel.Arguments.Split(' ').Any(word => word.StartsWith("initrd=", StringComparison.Ordinal))
            ? kernel.Arguments
            : $"{kernel.Arguments} initrd=initrd";

    private static void Fetch(
        StringBuilder script,
        string command,
        string path,
        string arguments,
        IReadOnlyList<BootServer> servers
    )
    {
        foreach (var server in servers)
            script.Append($"{command} http://{HostOf(server)}{path} {arguments}".TrimEnd()).Append(" || ");
        script.Append("goto failed\n");
    }

    private void Wait(
        StringBuilder script,
        string reason,
        BootClient client,
        IReadOnlyList<BootServer> servers,
        int attempt
    )
    {
        script.Append($"echo Hatchery: {client.Mac}: {IpxeText.Remark(reason)}\n");
        if (attempt >= settings.UnknownDeviceTries)
            script.Append("echo Hatchery: going on to the next boot device\nexit 1\n");
        else
            AskUntilAnswered(script, client, servers, attempt + 1, Seconds);
    }

    private static void AskUntilAnswered(
        StringBuilder script,
        BootClient client,
        IReadOnlyList<BootServer> servers,
        int attempt,
        int firstPause
    )
    {
        var known =
            (client.Architecture is { } architecture ? $"&arch={architecture}" : "")
            + (client.Relay is { } relay ? $"&relay={relay}" : "");
        var path = $"/boot/{client.Mac.ToString().Replace(':', '-')}?uuid=${{uuid}}{known}&attempt={attempt}";
        Loop(script, servers.Select(s => $"http://{HostOf(s)}{path}"), firstPause);
    }

    /// <summary>A machine whose servers are all away, say because its only one starts again, asks until one answers: a prompt on a
    /// console that nobody looks at would be its end. Pauses double.</summary>
    private static void Loop(StringBuilder script, IEnumerable<string> scripts, int firstPause)
    {
        script.Append($"set pause:int32 {firstPause}\n:again\n");
        script.Append("prompt --key n --timeout ${pause:int32}000 ");
        script.Append("Asking again in ${pause:int32} seconds, n for the next boot device && exit 1 ||\n");
        foreach (var url in scripts)
            script.Append($"chain --replace {url} ||\n");
        foreach (var pause in s_pauses)
            script.Append($"iseq ${{pause:int32}} {pause} && set pause:int32 {pause * 2} && goto again ||\n");
        script.Append($"set pause:int32 {LongestPause}\ngoto again\n");
    }

    private static string HostOf(BootServer server) => $"{UrlHost(server.Address)}:{server.HttpPort}";

    private static string UrlHost(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
