using Hatchery.Benchmarks;

return args switch
{
    ["disks", .. var rest] => await DiskBenchmarks.RunAsync(rest),
    ["streams"] => await StreamsBenchmarks.RunAsync(),
    ["streaming"] => await StreamingBenchmarks.RunAsync(),
    ["serve", var kind] => await StreamingBenchmarks.ServeAsync(kind),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        usage: dotnet run -c Release --project tests/Benchmarks -- disks [FOLDER]
                                                                -- streams
                                                                -- streaming
                                                                -- serve streams|loop
        """
    );
    return 2;
}
