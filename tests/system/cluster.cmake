# Skipped, visibly, where Snakemake or Slurm are not installed or root is not there.
foreach(place local slurm)
  add_test(NAME cluster_${place} COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/system/cluster_${place}.sh" $<TARGET_FILE:sliver>)
  set_tests_properties(cluster_${place} PROPERTIES TIMEOUT 400 LABELS "${SLIVER_SUITE}" SKIP_RETURN_CODE 77)
endforeach()
