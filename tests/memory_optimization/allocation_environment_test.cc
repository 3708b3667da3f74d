// Programs with the hook, run with its environment switches, and tools/alloc_report around them.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "tests/memory_optimization/program_output.h"

namespace blixard::memory {
namespace {

using testing::TempDir;

constexpr char kProgram[] = "tests/memory_optimization/truth_load_hooked 1 2";
constexpr char kTool[] = "tools/alloc_report ";

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

ProgramOutput RunWith(const std::string& sites, const std::string& print) {
  return RunProgram("BLIXARD_TRACK_ALLOCATION_SITES='" + sites + "' BLIXARD_PRINT_ALLOCATIONS='" +
                    print + "' " + kProgram + " 2>&1");
}

TEST(AllocationEnvironmentTest, WithoutVariablesNothingIsPrinted) {
  const ProgramOutput output = RunWith("", "");
  EXPECT_EQ(output.status, 0);
  EXPECT_FALSE(Has(output.text, "allocations")) << output.text;
}

TEST(AllocationEnvironmentTest, TheReportIsPrintedAtTheEnd) {
  const ProgramOutput output = RunWith("all", "text");
  EXPECT_TRUE(Has(output.text, "(tracking: all)")) << output.text;
  EXPECT_TRUE(Has(output.text, "(anonymous namespace)::Load::")) << output.text;
  EXPECT_TRUE(Has(output.text, "lifetime, in allocations")) << output.text;
  EXPECT_TRUE(Has(RunWith("sampled:2000", "text").text, "(tracking: sampled)"));
  EXPECT_TRUE(Has(RunWith("counts", "text").text, "(tracking: counts)"));
}

TEST(AllocationEnvironmentTest, EveryFormatGoesToItsFile) {
  const std::string base = TempDir() + "/report.";
  const ProgramOutput output =
      RunWith("all:8", "json:" + base + "json,folded:" + base + "folded,pprof:" + base +
                           "pprof,svg:" + base + "svg");
  EXPECT_EQ(output.status, 0) << output.text;
  const std::string json = ReadWholeFile(base + "json");
  EXPECT_TRUE(Has(json, "\"tracking\": \"all\""));
  EXPECT_TRUE(Has(json, "\"symbol\": \"")) << json.substr(0, 1000);
  EXPECT_TRUE(Has(ReadWholeFile(base + "folded"), "::Run();"));
  EXPECT_EQ(ReadWholeFile(base + "pprof").rfind("heap profile: ", 0), 0u);
  EXPECT_TRUE(Has(ReadWholeFile(base + "pprof"), "MAPPED_LIBRARIES:"));
  const std::string svg = ReadWholeFile(base + "svg");
  EXPECT_EQ(svg.rfind("<svg ", 0), 0u);
  EXPECT_TRUE(Has(svg, "Allocations of truth_load_hooked"));
  EXPECT_TRUE(Has(svg, "</svg>"));
}

TEST(AllocationEnvironmentTest, PprofOpensTheHeapProfile) {
  if (RunProgram("command -v google-pprof").status != 0) GTEST_SKIP() << "needs google-pprof";
  const std::string profile = TempDir() + "/heap.pprof";
  RunWith("all:16", "pprof:" + profile);
  const ProgramOutput output = RunProgram(
      "HOME=$TEST_TMPDIR google-pprof --text --alloc_space "
      "tests/memory_optimization/truth_load_hooked " +
      profile + " 2>/dev/null");
  EXPECT_TRUE(Has(output.text, "Load::Run")) << output.text;
}

TEST(AllocationEnvironmentTest, WrongValuesAreNamedAndIgnored) {
  const ProgramOutput sites = RunWith("everything", "");
  EXPECT_EQ(sites.status, 0);
  EXPECT_TRUE(Has(sites.text,
                  "BLIXARD_TRACK_ALLOCATION_SITES: want off, counts, sampled or all, "
                  "got \"everything\""))
      << sites.text;
  EXPECT_TRUE(Has(RunWith("all:99", "").text, "max_frames: want 0 to 30, got 99"));
  EXPECT_TRUE(Has(RunWith("sampled:x", "").text, "want a number of bytes after sampled:"));
  const ProgramOutput print = RunWith("", "xml");
  EXPECT_EQ(print.status, 0);
  EXPECT_TRUE(Has(print.text, "want text, json, folded, pprof or svg, got \"xml\"")) << print.text;
  EXPECT_TRUE(Has(RunWith("", "text:/no/such/folder/x").text, "cannot write /no/such/folder/x"));
}

TEST(AllocReportTest, RunsAProgramAndKeepsItsExitCode) {
  const std::string svg = TempDir() + "/tool.svg";
  const ProgramOutput output =
      RunProgram(std::string(kTool) + "--svg=" + svg + " --sites all --frames 10 -- " + kProgram);
  EXPECT_EQ(output.status, 0);
  EXPECT_TRUE(Has(output.text, "(tracking: all)")) << output.text;
  EXPECT_EQ(ReadWholeFile(svg).rfind("<svg ", 0), 0u);
  // Without arguments the program exits with 2, and reports all the same.
  const ProgramOutput failed = RunProgram(
      std::string(kTool) + "--output=json -- tests/memory_optimization/truth_load_hooked");
  EXPECT_EQ(failed.status, 2);
  EXPECT_TRUE(Has(failed.text, "\"tracking\": \"all\"")) << failed.text;
}

TEST(AllocReportTest, WrongUsageIsExplained) {
  const auto says = [](const std::string& arguments, int status, const std::string& text) {
    const ProgramOutput output = RunProgram(kTool + arguments + " 2>&1");
    EXPECT_EQ(output.status, status) << arguments;
    EXPECT_TRUE(Has(output.text, text)) << output.text;
  };
  says("--help", 0, "Usage: tools/alloc_report");
  says("", 2, "want a program after --");
  says("--colour red -- x", 2, "unknown flag --colour");
  says("--sites some -- x", 2, "--sites: want all, sampled or none, got some");
  says("--frames 31 -- x", 2, "--frames: want 1 to 30, got 31");
  says("--output=xml -- x", 2, "--output: want text or json, got xml");
  says("--svg", 2, "--svg: want a value");
  says("-- /no/such/program", 3, "no program at /no/such/program");
  says("-- /bin/true", 3, "left no report: is it linked with the allocation hook?");
}

}  // namespace
}  // namespace blixard::memory
