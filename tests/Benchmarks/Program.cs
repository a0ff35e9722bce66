using Hatchery.Benchmarks;

return args switch
{
    ["disks", .. var rest] => await DiskBenchmarks.RunAsync(rest),
    ["layers", .. var rest] => await DiskBenchmarks.RunLayersAsync(rest),
    ["remote"] => await RemoteBenchmarks.RunAsync(),
    ["mirror", "--apart", .. var rest] => await MirrorBenchmarks.RunApartAsync(rest),
    ["mirror", "--mirror-on", var core, "--quick", .. var words] => await MirrorBenchmarks.RunAsync(true, words, core),
    ["mirror", "--mirror-on", var core, .. var words] => await MirrorBenchmarks.RunAsync(false, words, core),
    ["mirror", "--quick", .. var words] => await MirrorBenchmarks.RunAsync(isQuick: true, words),
    ["mirror", .. var words] => await MirrorBenchmarks.RunAsync(isQuick: false, words),
    ["member", var folder] => await MirrorMember.RunAsync(folder),
    ["replication"] => await ReplicationBenchmarks.RunAsync(),
    ["registry", .. var sizes] => await RegistryBenchmarks.RunAsync(sizes),
    ["promotion", .. var sizes] => await PromotionBenchmarks.RunAsync(sizes),
    ["http"] => await HttpBenchmarks.RunAsync(),
    ["streams"] => await StreamsBenchmarks.RunAsync(),
    ["streaming"] => await StreamingBenchmarks.RunAsync(isQuick: false),
    ["streaming", "--quick"] => await StreamingBenchmarks.RunAsync(isQuick: true),
    ["overlay"] => await OverlayBenchmarks.RunAsync(),
    ["serve", var kind] => await StreamingBenchmarks.ServeAsync(kind, image: null),
    ["serve", var kind, var image] => await StreamingBenchmarks.ServeAsync(kind, image),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        usage: dotnet run -c Release --project tests/Benchmarks -- disks [FOLDER]
                                                                -- layers [FOLDER]
                                                                -- remote
                                                                -- mirror [--apart] [--quick] [WORD...]
                                                                -- replication
                                                                -- registry [DEVICES...]
                                                                -- promotion [MACHINES [SECONDS]]
                                                                -- http
                                                                -- streams
                                                                -- streaming [--quick]
                                                                -- overlay
                                                                -- serve streams|loop [IMAGE]
        """
    );
    return 2;
}
